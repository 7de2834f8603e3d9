// What the machine offered to a trial: looked at before it, while it trains, and after it. Only a GPU can be disturbed
// for sure; on a CPU the load is written down, and the noise shows the rest.
import { z } from 'zod';
import { figure } from './sentence.ts';

/** A process that had memory of the GPU; whose it is as far as that can be told. */
export interface GpuProcess {
  readonly pid: number;
  /** The program's own name, without its folder. */
  readonly name: string;
  readonly memoryMb: number | null;
  /** `unknown`: no process of that number is to be seen from here, as in a container. */
  readonly whose: 'ours' | 'other' | 'unknown';
}

/** One look at a GPU; null is what the driver does not say. */
export interface GpuLook {
  readonly name: string;
  readonly driver: string;
  readonly clockMhz: number | null;
  readonly memoryClockMhz: number | null;
  readonly powerWatts: number | null;
  readonly powerLimitWatts: number | null;
  readonly temperatureC: number | null;
  readonly usedMb: number | null;
  /** Why its clock was lower than it could be, in NVML's words. */
  readonly reasons: readonly string[];
  readonly processes: readonly GpuProcess[];
}

/** All looks at a GPU in one trial. */
export interface GpuLooks {
  readonly before: GpuLook;
  readonly during: readonly GpuLook[];
  /** Null where it gave no answer any more. */
  readonly after: GpuLook | null;
}

const range = z.object({ low: z.number(), high: z.number() });

const gpuRecordSchema = z.object({
  name: z.string(),
  driver: z.string(),
  /** How often it was looked at while the training kept it busy; what follows is of those looks. */
  looks: z.int(),
  clockMhz: range.optional(),
  memoryClockMhz: range.optional(),
  powerWatts: range.optional(),
  powerLimitWatts: z.number().optional(),
  temperatureC: range.optional(),
  /** In which share of the looks each reason held the clock down. */
  slowedBy: z.record(z.string(), z.number()),
  /** Processes that were not of the trial; `before`: also there before it began. */
  others: z.array(z.object({ name: z.string(), memoryMb: z.number().optional(), before: z.boolean() })),
  /** The driver gave no answer after the training, which it did before. */
  lost: z.literal(true).optional(),
});

/** The environment of one trial. Loads are the mean number of processes that wanted a core in the minute before. */
export const machineRecordSchema = z.object({
  loadBefore: z.number(),
  loadAfter: z.number(),
  gpu: gpuRecordSchema.optional(),
  /** Versions of Python and of the libraries that numbers depend on. */
  libraries: z.record(z.string(), z.string()).optional(),
});
/** What the machine offered to a trial, as the ledger keeps it. */
export type MachineRecord = z.output<typeof machineRecordSchema>;
type GpuRecord = z.output<typeof gpuRecordSchema>;

/** Enough to see who was there; a record is no process list. */
const MOST_OTHERS = 5;
const IDLE = 'gpu_idle';

/** The record of a trial's looks at its GPU. */
export function gpuRecord({ before, during, after }: GpuLooks): GpuRecord {
  const busy = during.filter(({ reasons }) => !reasons.includes(IDLE));
  const reasons = [...new Set(busy.flatMap((look) => look.reasons))].toSorted();
  const share = (reason: string): number => busy.filter((look) => look.reasons.includes(reason)).length / busy.length;
  return {
    name: before.name,
    driver: before.driver,
    looks: busy.length,
    ...ranged('clockMhz', busy),
    ...ranged('memoryClockMhz', busy),
    ...ranged('powerWatts', busy),
    ...(before.powerLimitWatts !== null && { powerLimitWatts: before.powerLimitWatts }),
    ...ranged('temperatureC', busy),
    slowedBy: Object.fromEntries(reasons.map((reason) => [reason, Math.round(100 * share(reason)) / 100])),
    others: othersOn({ before, during, after }),
    ...(after === null && { lost: true as const }),
  };
}

type Figure = 'clockMhz' | 'memoryClockMhz' | 'powerWatts' | 'temperatureC';

function ranged(field: Figure, looks: readonly GpuLook[]): Partial<Record<Figure, { low: number; high: number }>> {
  const seen = looks.flatMap((look) => look[field] ?? []);
  return seen.length === 0 ? {} : { [field]: { low: Math.min(...seen), high: Math.max(...seen) } };
}

/** Who was there before is none of ours; of what nobody can tell later, the training's own processes are the likeliest. */
function othersOn({ before, during, after }: GpuLooks): GpuRecord['others'] {
  const early = new Set(before.processes.filter(({ whose }) => whose !== 'ours').map(({ pid }) => pid));
  const seen = [before, ...during, ...(after === null ? [] : [after])].flatMap(({ processes }) => processes);
  const others = seen.filter(({ pid, whose }) => early.has(pid) || whose === 'other');
  return [...new Set(others.map(({ pid }) => pid))].slice(0, MOST_OTHERS).map((pid) => {
    const looks = others.filter((one) => one.pid === pid);
    const memory = looks.flatMap(({ memoryMb }) => memoryMb ?? []);
    return {
      name: looks[0]?.name ?? '',
      ...(memory.length > 0 && { memoryMb: Math.max(...memory) }),
      before: early.has(pid),
    };
  });
}

/** The most memory of the GPU that the trial had, in MB; undefined when it was never seen to have any. */
export function peakGpuMemoryMb({ before, during }: GpuLooks): number | undefined {
  const peaks = during.flatMap(({ processes, usedMb }) => {
    const ours = processes.flatMap(({ whose, memoryMb }) => (whose === 'ours' ? (memoryMb ?? []) : []));
    // In a container nobody can say which processes are ours: then what came on top of what was there.
    if (ours.length > 0) return ours.reduce((sum, memoryMb) => sum + memoryMb, 0);
    return usedMb === null || before.usedMb === null ? [] : Math.max(0, usedMb - before.usedMb);
  });
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

/** A program that only says hello to CUDA takes hundreds. */
const LEAST_VRAM_MB = 64;

/** That trainings on a GPU were seen to take nothing of it, in one sentence: mostly a library that was built for CPUs. */
export function unusedGpu(
  trials: readonly { readonly environment?: MachineRecord | undefined; readonly peakVramMb?: number | undefined }[],
): string | null {
  const [name] = trials.flatMap(({ environment }) => environment?.gpu?.name ?? []);
  const isUnused = trials.every(({ peakVramMb }) => peakVramMb !== undefined && peakVramMb < LEAST_VRAM_MB);
  if (name === undefined || !isUnused) return null;
  return `The baseline took no memory of the GPU (${name}), so it trained on the CPU: is its library built for this GPU?`;
}

/**
 * Reasons that a trial did not have the whole device. A power cap by software (`sw_power_cap`) is none of them: a GPU at
 * full load is nearly always under it, and the throughput shows when it is lower than it was.
 * https://docs.nvidia.com/deploy/nvml-api/group__nvmlClocksEventReasons.html
 */
const THROTTLED: Readonly<Record<string, string>> = {
  hw_slowdown: 'the hardware slowed it down',
  hw_thermal_slowdown: 'it was too hot',
  sw_thermal_slowdown: 'it was too hot',
  hw_power_brake_slowdown: 'its power supply braked it',
};
/** Below this share of the looks it was a change of clocks, which the driver reports as a slowdown too. */
const THROTTLED_SHARE = 0.1;

/** Held so long by one of those reasons, the largest share first. */
const throttled = ({ gpu }: Pick<MachineRecord, 'gpu'>): [reason: string, share: number][] =>
  Object.entries(gpu?.slowedBy ?? {})
    .filter(([reason, share]) => reason in THROTTLED && share >= THROTTLED_SHARE)
    .toSorted(([, left], [, right]) => right - left);

/** Why a trial's number may be of a slower device than others', in one sentence; undefined when nothing was seen. */
export function disturbance({ gpu }: Pick<MachineRecord, 'gpu'>): string | undefined {
  const [other] = gpu?.others ?? [];
  if (other !== undefined) {
    const memory = other.memoryMb === undefined ? '' : ` with ${Math.round(other.memoryMb)} MB`;
    return `another process (${other.name}${memory}) had the GPU too`;
  }
  const [worst] = throttled({ gpu });
  if (worst === undefined) return undefined;
  const [reason, share] = worst;
  return `the GPU was throttled in ${Math.round(100 * share)} % of the looks at it: ${THROTTLED[reason]}`;
}

/** What was seen of a machine over several trials that may make their numbers vary, each in a few words. */
export function seenOf(records: readonly MachineRecord[]): string[] {
  if (records.length === 0) return [];
  const loads = records.map(({ loadBefore }) => loadBefore);
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map((load) => figure(load, 2));
  const others = inTrials(records, ({ gpu }) => gpu?.others.map(({ name }) => name) ?? []);
  const reasons = inTrials(records, (record) => throttled(record).map(([reason]) => THROTTLED[reason] ?? reason));
  return [
    `a load of ${least === most ? least : `${least} to ${most}`} before them`,
    ...others.map(([name, trials]) => `another process (${name}) on the GPU in ${trials}`),
    ...reasons.map(([why, trials]) => `a GPU that was throttled in ${trials} (${why})`),
  ];
}

/** Everything that `of` finds in these records, and in how many of them. */
function inTrials(
  records: readonly MachineRecord[],
  of: (record: MachineRecord) => readonly string[],
): [what: string, trials: string][] {
  const found = records.flatMap((record) => [...new Set(of(record))]);
  const times = (what: string): number => found.filter((other) => other === what).length;
  return [...new Set(found)].map((what) => [what, `${times(what)} of ${records.length} trials`]);
}
