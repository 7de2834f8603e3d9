import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findDevices } from '../../src/trainer/device.ts';
import { appleGpu, parseAmd, parseNvidia } from '../../src/trainer/gpus.ts';
import { testFolder } from './support.ts';

const csv = '0, GPU-aaaa, NVIDIA H100 80GB HBM3\n1, GPU-bbbb, NVIDIA H100 80GB HBM3\n';
const json = JSON.stringify({
  card0: { 'Card Series': 'AMD Instinct MI210', 'Card Model': '0x740f', 'Unique ID': '0x1f2e3d', GUID: '58294' },
  card1: { 'Card series': 'Arcturus GL-XL [AMD Instinct MI100]', 'Unique ID': 'N/A' },
  system: { 'Driver version': '6.7.0' },
});

test('every GPU is a device, named to CUDA by its UUID', () => {
  expect(parseNvidia(csv, undefined)).toEqual([
    { id: 'gpu0', class: 'NVIDIA H100 80GB HBM3', env: { CUDA_VISIBLE_DEVICES: 'GPU-aaaa' }, gpu: 'GPU-aaaa' },
    { id: 'gpu1', class: 'NVIDIA H100 80GB HBM3', env: { CUDA_VISIBLE_DEVICES: 'GPU-bbbb' }, gpu: 'GPU-bbbb' },
  ]);
});

test('only the GPUs that the worker may see are its devices', () => {
  expect(parseNvidia(csv, '1').map(({ id }) => id)).toEqual(['gpu1']);
  expect(parseNvidia(csv, 'GPU-aaaa').map(({ id }) => id)).toEqual(['gpu0']);
  expect(parseNvidia('', undefined)).toEqual([]);
  expect(parseAmd(json, 'GPU-1f2e3d').map(({ id }) => id)).toEqual(['gpu0']);
  expect(parseAmd(json, '1').map(({ id }) => id)).toEqual(['gpu1']);
});

test('a GPU of AMD is named to its runtime by its number, or by its place where it has none', () => {
  expect(parseAmd(json, undefined)).toEqual([
    { id: 'gpu0', class: 'AMD Instinct MI210', env: { ROCR_VISIBLE_DEVICES: 'GPU-1f2e3d' } },
    { id: 'gpu1', class: 'Arcturus GL-XL [AMD Instinct MI100]', env: { ROCR_VISIBLE_DEVICES: '1' } },
  ]);
  for (const said of ['', 'WARNING: no driver', '[]', '{"card0": 3}']) expect(parseAmd(said, undefined)).toEqual([]);
});

test('the chip of a Mac is its GPU', () => {
  expect(appleGpu('darwin', 'arm64', 'Apple M2 Max')).toEqual([{ id: 'gpu0', class: 'Apple M2 Max', env: {} }]);
  expect(appleGpu('darwin', 'x64', 'Intel')).toEqual([]);
  expect(appleGpu('linux', 'arm64', 'Neoverse-N1')).toEqual([]);
});

/** A PATH with a driver's program that says this. */
function saying(program: string, text: string): NodeJS.ProcessEnv {
  const folder = join(testFolder, program);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, program);
  writeFileSync(path, `#!/bin/sh\ncat <<'EOF'\n${text}\nEOF\n`);
  chmodSync(path, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin` };
}

test('a machine with GPUs of AMD has those and its CPU to choose from', async () => {
  const workerEnv = saying('rocm-smi', json);
  expect((await findDevices({ workerEnv })).map(({ id }) => id)).toEqual(['gpu0', 'gpu1']);
  expect((await findDevices({ workerEnv, override: 'cpu' })).map(({ id }) => id)).toEqual(['cpu']);
});
