// What nvidia-smi says. Its output is not promised to stay as it is, and a driver leaves out what it does not know
// ("[N/A]"), so every cell may be missing; names of programs come last in a row, because they may hold commas.
// Fields: `nvidia-smi --help-query-gpu`, `--help-query-compute-apps`.
import { basename } from 'node:path';
import { z } from 'zod';
import type { GpuLook, GpuProcess } from '../domain/machine.ts';
import { askDriver } from './ask-driver.ts';

const CSV = '--format=csv,noheader,nounits';
const FIGURES = 'driver_version,clocks.sm,clocks.mem,power.draw,power.limit,temperature.gpu,memory.used'.split(',');
/** The first is what newer drivers call it; one that does not know a field answers nothing at all. */
const REASONS = ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'] as const;

/** A look at one GPU, named by its UUID; undefined when there was no answer. Never throws. */
export type GpuReader = (whose: (pid: number) => GpuProcess['whose']) => Promise<GpuLook | undefined>;

/** Makes a reader, which remembers the name that this driver has for its reasons. */
export function createGpuReader(uuid: string, env: NodeJS.ProcessEnv = process.env): GpuReader {
  const ask = (query: string) => askDriver('nvidia-smi', ['-i', uuid, query, CSV], env);
  let names: readonly string[] = REASONS;
  const readFigures = async (): Promise<Omit<GpuLook, 'processes'> | undefined> => {
    for (const name of names) {
      const answer = await ask(`--query-gpu=${[...FIGURES, name, 'name'].join(',')}`);
      if (answer.kind === 'silent') return undefined;
      const figures = answer.kind === 'said' ? parseFigures(answer.text) : undefined;
      if (figures === undefined) continue;
      names = [name];
      return figures;
    }
    return undefined;
  };
  return async (whose) => {
    const figures = await readFigures();
    if (figures === undefined) return undefined;
    const apps = await ask('--query-compute-apps=pid,used_gpu_memory,process_name');
    return { ...figures, processes: apps.kind === 'said' ? parseProcesses(apps.text, whose) : [] };
  };
}

const figure = z.string().transform((text) => {
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? null : value;
});
const reasons = z.string().transform((text) => (/^0x[0-9a-f]+$/i.test(text) ? namesIn(BigInt(text)) : []));
const word = z.string().min(1).max(100);
const figuresRow = z.tuple([word, figure, figure, figure, figure, figure, figure, reasons], word);

/** Parses the one row of figures; undefined when it is none. */
export function parseFigures(csv: string): Omit<GpuLook, 'processes'> | undefined {
  const row = figuresRow.safeParse(cellsOf(csv.trim().split('\n')[0] ?? ''));
  if (!row.success) return undefined;
  const [driver, clockMhz, memoryClockMhz, powerWatts, powerLimitWatts, temperatureC, usedMb, held, ...name] = row.data;
  const figures = { clockMhz, memoryClockMhz, powerWatts, powerLimitWatts, temperatureC, usedMb };
  return { name: name.join(', '), driver, ...figures, reasons: held };
}

const processRow = z.tuple([z.string().regex(/^\d+$/).transform(Number), figure], z.string());
/** Enough to know a program by. */
const NAME_LENGTH = 40;

/** Parses the rows of processes; what is no such row is passed over, such as "No running processes found". */
export function parseProcesses(csv: string, whose: (pid: number) => GpuProcess['whose']): GpuProcess[] {
  return csv.split('\n').flatMap((line) => {
    const row = processRow.safeParse(cellsOf(line));
    if (!row.success) return [];
    const [pid, memoryMb, ...words] = row.data;
    const name = basename(words.join(', ').split(' ')[0] ?? '').slice(0, NAME_LENGTH);
    return [{ pid, name, memoryMb, whose: whose(pid) }];
  });
}

const cellsOf = (line: string): string[] => line.split(',').map((cell) => cell.trim());

/** NVML's bits, https://docs.nvidia.com/deploy/nvml-api/group__nvmlClocksEventReasons.html */
const BITS = [
  [0x1n, 'gpu_idle'],
  [0x2n, 'applications_clocks_setting'],
  [0x4n, 'sw_power_cap'],
  [0x8n, 'hw_slowdown'],
  [0x10n, 'sync_boost'],
  [0x20n, 'sw_thermal_slowdown'],
  [0x40n, 'hw_thermal_slowdown'],
  [0x80n, 'hw_power_brake_slowdown'],
  [0x100n, 'display_clock_setting'],
] as const;

const namesIn = (mask: bigint): string[] => BITS.flatMap(([bit, name]) => ((mask & bit) === 0n ? [] : [name]));
