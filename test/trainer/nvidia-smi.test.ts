import { describe, expect, test } from 'vitest';
import { askDriver } from '../../src/trainer/ask-driver.ts';
import { createGpuReader, parseFigures, parseProcesses } from '../../src/trainer/nvidia-smi.ts';
import { findDevices } from '../../src/trainer/device.ts';
import { makeGpu, UUID } from './gpu.ts';
import { testFolder } from './support.ts';

const held = (mask: string) => parseFigures(`5, 1, 1, 1, 1, 1, 1, ${mask}, X`)?.reasons;
const ours = () => 'ours' as const;

describe('a look at a GPU', () => {
  test('is its figures, why its clock is held down, and who has memory of it', async () => {
    const gpu = makeGpu(testFolder);
    gpu.shows({ reasons: '0x0000000000000044', watts: '[N/A]' });
    gpu.has('4242, 2048, /usr/bin/python3.11 train.py', '4343, [N/A], python');
    const read = createGpuReader(UUID, gpu.env);
    expect(await read((pid) => (pid === 4242 ? 'ours' : 'other'))).toEqual({
      name: 'NVIDIA H100 80GB HBM3',
      driver: '550.54.15',
      clockMhz: 1980,
      memoryClockMhz: 2619,
      powerWatts: null,
      powerLimitWatts: 700,
      temperatureC: 61,
      usedMb: 30_210,
      reasons: ['sw_power_cap', 'hw_thermal_slowdown'],
      processes: [
        { pid: 4242, name: 'python3.11', memoryMb: 2048, whose: 'ours' },
        { pid: 4343, name: 'python', memoryMb: null, whose: 'other' },
      ],
    });
    expect(gpu.calls().every((call) => call.startsWith(`-i ${UUID} `))).toBe(true);
  });

  test('asks an older driver by the older name of a field, and does not ask it twice', async () => {
    const gpu = makeGpu(testFolder);
    gpu.becomes('old-driver');
    const read = createGpuReader(UUID, gpu.env);
    expect(await read(ours)).toMatchObject({ clockMhz: 1980 });
    const before = gpu.calls().length;
    await read(ours);
    expect(gpu.calls().slice(before)).toHaveLength(2); // figures and processes
  });

  test('is none where there is no driver, no program, or nothing that can be read', async () => {
    const gpu = makeGpu(testFolder);
    gpu.isLost();
    expect(await createGpuReader(UUID, gpu.env)(ours)).toBeUndefined();
    expect(await createGpuReader(UUID, { PATH: '/nowhere' })(ours)).toBeUndefined();
    expect(await askDriver('nvidia-smi', ['--query-gpu=colour'], gpu.env)).toEqual({ kind: 'refused' });
  });
});

test('a driver that is broken is not waited for', async () => {
  const gpu = makeGpu(testFolder);
  gpu.becomes('hangs');
  expect(await askDriver('nvidia-smi', ['--query-gpu=name'], gpu.env, 200)).toEqual({ kind: 'silent' });
});

test('figures that the driver does not say are null, and what is no row is none', () => {
  const silent = '550.54.15, [N/A], [Not Supported], [N/A], [Unknown Error], , [N/A], [N/A], NVIDIA A10';
  expect(parseFigures(silent)).toEqual({
    name: 'NVIDIA A10',
    driver: '550.54.15',
    clockMhz: null,
    memoryClockMhz: null,
    powerWatts: null,
    powerLimitWatts: null,
    temperatureC: null,
    usedMb: null,
    reasons: [],
  });
  for (const text of ['', 'No devices were found', '1, 2, 3']) expect(parseFigures(text)).toBeUndefined();
});

test('reads reasons beyond those it knows, also where the highest bit is set', () => {
  expect(held('0x8000000000000009')).toEqual(['gpu_idle', 'hw_slowdown']);
  expect(held('0x00000000000001FF')).toHaveLength(9);
  expect(held('Active')).toEqual([]);
});

test('a process names itself, so its name cannot shift the cells nor be long', () => {
  const rows = `12, 7, evil, 99, GPU\n13, 8, /opt/${'x'.repeat(500)}\nNo running processes found\n[Not Found], 3, a\n`;
  expect(parseProcesses(rows, ours)).toEqual([
    { pid: 12, name: 'evil,', memoryMb: 7, whose: 'ours' },
    { pid: 13, name: 'x'.repeat(40), memoryMb: 8, whose: 'ours' },
  ]);
});

test('devices are found with the same program', async () => {
  const { env } = makeGpu(testFolder);
  expect(await findDevices({ workerEnv: env })).toEqual([
    { id: 'gpu0', class: 'NVIDIA H100 80GB HBM3', env: { CUDA_VISIBLE_DEVICES: UUID }, gpu: UUID },
  ]);
});
