import { expect, it } from 'vitest';
import {
  disturbance,
  gpuRecord,
  machineRecordSchema,
  peakGpuMemoryMb,
  unusedGpu,
  type GpuLook,
  type GpuLooks,
  type GpuProcess,
} from '../../src/domain/machine.ts';

const LOOK: GpuLook = {
  name: 'NVIDIA H100',
  driver: '550.54.15',
  clockMhz: 1980,
  memoryClockMhz: 2619,
  powerWatts: 640,
  powerLimitWatts: 700,
  temperatureC: 60,
  usedMb: 30_000,
  reasons: [],
  processes: [],
};
const IDLE: GpuLook = { ...LOOK, clockMhz: 345, powerWatts: 70, usedMb: 10, reasons: ['gpu_idle'] };
const looks = (...during: Partial<GpuLook>[]): GpuLooks => ({
  before: IDLE,
  during: during.map((look) => ({ ...LOOK, ...look })),
  after: IDLE,
});
const process = (pid: number, whose: GpuProcess['whose'], memoryMb: number | null = 500): GpuProcess => ({
  pid,
  whose,
  memoryMb,
  name: `python${pid}`,
});
const disturbed = (all: GpuLooks) => disturbance({ gpu: gpuRecord(all) });

it('keeps the range of each figure while the GPU was busy', () => {
  const record = gpuRecord(looks({ reasons: ['gpu_idle'], clockMhz: 345 }, { clockMhz: 1700 }, { powerWatts: null }));
  expect(record).toMatchObject({
    name: 'NVIDIA H100',
    looks: 2,
    clockMhz: { low: 1700, high: 1980 },
    powerWatts: { low: 640, high: 640 },
    powerLimitWatts: 700,
    others: [],
  });
  expect(machineRecordSchema.parse({ loadBefore: 1, loadAfter: 2, gpu: record }).gpu).toEqual(record);
});

it('leaves out what the driver never says, and has no look when the training was too short for one', () => {
  const silent = {
    ...LOOK,
    clockMhz: null,
    memoryClockMhz: null,
    powerWatts: null,
    powerLimitWatts: null,
    temperatureC: null,
  };
  const record = gpuRecord({ before: silent, during: [silent], after: silent });
  expect(record).toEqual({ name: 'NVIDIA H100', driver: '550.54.15', looks: 1, slowedBy: {}, others: [] });
  expect(gpuRecord(looks())).toMatchObject({ looks: 0, slowedBy: {} });
});

it('says that the GPU was throttled by heat or its supply, and in which share of the looks', () => {
  const hot = { reasons: ['hw_thermal_slowdown', 'sw_power_cap'] };
  const all = looks(hot, {}, {}, {});
  expect(gpuRecord(all).slowedBy).toEqual({ hw_thermal_slowdown: 0.25, sw_power_cap: 0.25 });
  expect(disturbed(all)).toBe('the GPU was throttled in 25 % of the looks at it: it was too hot');
});

it('takes neither full load under its power limit nor one change of clocks for throttling', () => {
  expect(disturbed(looks({ reasons: ['sw_power_cap'] }))).toBeUndefined();
  const calm = Array.from({ length: 19 }, () => ({}));
  expect(disturbed(looks({ reasons: ['hw_slowdown'] }, ...calm))).toBeUndefined();
  expect(disturbance({})).toBeUndefined();
});

it("tells other processes from the training's own", () => {
  expect(disturbed(looks({ processes: [process(1, 'ours')] }))).toBeUndefined();
  expect(disturbed(looks({ processes: [process(1, 'ours'), process(2, 'other', 2048.4)] }))).toBe(
    'another process (python2 with 2048 MB) had the GPU too',
  );
  expect(disturbed(looks({ processes: [process(2, 'other', null)] }))).toBe(
    'another process (python2) had the GPU too',
  );
});

it('knows in a container, too, that who was there before the training is none of it', () => {
  const before = { ...IDLE, processes: [process(7, 'unknown')] };
  const during = [{ ...LOOK, processes: [process(7, 'unknown', 900), process(8, 'unknown')] }];
  expect(gpuRecord({ before, during, after: IDLE }).others).toEqual([{ name: 'python7', memoryMb: 900, before: true }]);
  expect(gpuRecord({ before: IDLE, during, after: IDLE }).others).toEqual([]);
});

it('names a few others, not all of a crowd', () => {
  const crowd = Array.from({ length: 40 }, (_, pid) => process(pid + 1, 'other'));
  expect(gpuRecord(looks({ processes: crowd })).others).toHaveLength(5);
});

it('notes a GPU that gives no answer any more', () => {
  expect(gpuRecord({ ...looks(), after: null }).lost).toBe(true);
  expect(gpuRecord(looks()).lost).toBeUndefined();
});

it("adds up the training's own memory, or, where nobody can tell whose it is, what came on top", () => {
  const two = [process(1, 'ours', 1000), process(2, 'ours', 200), process(3, 'other', 9000)];
  expect(peakGpuMemoryMb(looks({ processes: [process(1, 'ours', 1000)] }, { processes: two }))).toBe(1200);
  expect(peakGpuMemoryMb(looks({ usedMb: 5010 }, { usedMb: 4010, processes: [process(9, 'unknown')] }))).toBe(5000);
  expect(peakGpuMemoryMb(looks())).toBeUndefined();
});

it('tells that trainings on a GPU took nothing of it, and only where that was seen', () => {
  const gpu = { loadBefore: 1, loadAfter: 2, gpu: gpuRecord(looks({ reasons: ['gpu_idle'] })) };
  expect(unusedGpu([{ environment: gpu, peakVramMb: 1 }])).toMatch(/no memory of the GPU \(NVIDIA H100\)/);
  expect(
    unusedGpu([
      { environment: gpu, peakVramMb: 1 },
      { environment: gpu, peakVramMb: 500 },
    ]),
  ).toBeNull();
  expect(unusedGpu([{ environment: gpu }])).toBeNull(); // too short to be looked at
  expect(unusedGpu([{ environment: { loadBefore: 1, loadAfter: 2 } }])).toBeNull();
});
