// Looks at the machine for as long as a trial trains, from inside its supervisor: the device may be shared or throttled
// with every worker dead. A look costs a process of nvidia-smi; without a GPU there is none.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { gpuRecord, peakGpuMemoryMb, type GpuLook, type GpuProcess, type MachineRecord } from '../domain/machine.ts';
import { belongingTo } from './command.ts';
import { createGpuReader, type GpuReader } from './nvidia-smi.ts';
import { ancestorsOf, findProcess } from './process-table.ts';

/** What a trial's supervisor saw of the machine. */
export interface MachineSeen {
  readonly machine: MachineRecord;
  readonly peakVramMb?: number;
  /** The kernel killed some process of this machine for want of memory meanwhile. */
  readonly oomKilled?: true;
}

/** A watch over the machine during one trial. */
export interface MachineWatch {
  /** Tells which process the training is: what it started is its own. */
  readonly onStart: (pid: number) => void;
  /** Ends the watch with a last look. */
  readonly end: () => Promise<MachineSeen>;
}

/** Often enough to see what comes and goes, at a hundredth of one core. */
const LOOK_MS = 5000;
/** A short training is looked at about so often too. */
const LOOKS_AT_LEAST = 4;
const LEAST_LOOK_MS = 500;
/** A process that was killed a moment ago is still listed by the driver. */
const SETTLE_MS = 1000;

/** Takes the first look; resolves when the training may start. Never throws. */
export async function watchMachine(watched: {
  readonly markers: readonly string[];
  readonly seconds: number;
  /** The UUID of the GPU; undefined on a CPU. */
  readonly gpu: string | undefined;
}): Promise<MachineWatch> {
  const loadBefore = load();
  const killsBefore = oomKills();
  let training: number | undefined;
  const whose = (pid: number): GpuProcess['whose'] => ownerOf(pid, training, watched.markers);
  const gpu = watched.gpu === undefined ? undefined : await watchGpu(createGpuReader(watched.gpu), whose, watched);
  return {
    onStart: (pid) => {
      training = pid;
    },
    end: async () => {
      const seen = await gpu?.end();
      const kills = oomKills();
      return {
        machine: { loadBefore, loadAfter: load(), ...seen?.record },
        ...seen?.peak,
        ...(killsBefore !== null && kills !== null && kills > killsBefore && { oomKilled: true }),
      };
    },
  };
}

const load = (): number => Math.round(100 * (loadavg()[0] ?? 0)) / 100;

/** How many processes the kernel has killed for want of memory since it was booted; null where it does not say. */
export function oomKills(vmstat = '/proc/vmstat'): number | null {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync(vmstat, 'utf8'))?.[1];
    return count === undefined ? null : Number(count);
  } catch {
    return null; // not Linux
  }
}

/** By group, process session, environment or descent; before the training starts nothing is its own. */
function ownerOf(pid: number, training: number | undefined, markers: readonly string[]): GpuProcess['whose'] {
  const found = findProcess(pid);
  if (found === undefined) return 'unknown';
  if (training === undefined) return 'other';
  return belongingTo(training, markers)(found) || ancestorsOf(pid).includes(training) ? 'ours' : 'other';
}

interface GpuWatch {
  readonly end: () => Promise<
    { readonly record: Pick<MachineRecord, 'gpu'>; readonly peak: Pick<MachineSeen, 'peakVramMb'> } | undefined
  >;
}

async function watchGpu(
  read: GpuReader,
  whose: (pid: number) => GpuProcess['whose'],
  { seconds }: { readonly seconds: number },
): Promise<GpuWatch | undefined> {
  const before = await firstLook(read, whose);
  if (before === undefined) return undefined;
  const during: GpuLook[] = [];
  const over = new AbortController();
  const pauseMs = Math.max(LEAST_LOOK_MS, Math.min(LOOK_MS, (1000 * seconds) / LOOKS_AT_LEAST));
  const looking = (async () => {
    for (;;) {
      await sleep(pauseMs, undefined, { signal: over.signal }).catch(() => undefined);
      if (over.signal.aborted) return;
      const look = await read(whose);
      if (look !== undefined && !over.signal.aborted) during.push(look);
    }
  })();
  return {
    end: async () => {
      over.abort();
      await looking;
      const after = (await read(whose)) ?? (await read(whose)) ?? null;
      const looks = { before, during, after };
      const peakVramMb = peakGpuMemoryMb(looks);
      return { record: { gpu: gpuRecord(looks) }, peak: peakVramMb === undefined ? {} : { peakVramMb } };
    },
  };
}

async function firstLook(read: GpuReader, whose: (pid: number) => GpuProcess['whose']): Promise<GpuLook | undefined> {
  const look = await read(whose);
  if (look === undefined || look.processes.length === 0) return look;
  await sleep(SETTLE_MS);
  return read(whose);
}
