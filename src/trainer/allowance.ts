// What candidate code may take of the machine, in training, answers and checks, looked at twice a second while it runs.
// What takes more is ended: that is a fact about the candidate, as a crash is. The numbers stop what would take the machine
// down, not what is large.
import { writeFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { z } from 'zod';
import type { EXIT_REASONS } from '../domain/experiment.ts';
import { byteFigure } from './disk.ts';
import { createSizeWatch, type Written } from './output-size.ts';
import { lookAtFamily, proportionalMb } from './process-family.ts';

/** What a command may take. */
export const allowanceSchema = z.object({
  /** Alive at once. Threads do not count. */
  processes: z.int().positive(),
  /** Of all its processes together; what they share counts once. */
  memoryMb: z.number().positive(),
  /** What its folders may grow by, all together. */
  outputMb: z.number().positive(),
});
/** What a command may take. */
export type Allowance = z.output<typeof allowanceSchema>;

// Loaders, compilers and one process for each of eight GPUs stay below; a fork bomb is there within a second.
const MOST_PROCESSES = 512;
// The rest is for the worker, the server and the system: beyond it the kernel would choose whom to end.
const MEMORY_SHARE = 0.9;
// A model with its optimiser and a compiler's caches fit; a loop that writes does not fill a disk unseen.
const OUTPUT_GB = 10;

/** The allowance of a training on this machine; `outputGb` is the task's own. */
export function allowanceHere(outputGb = OUTPUT_GB): Allowance {
  const container = process.constrainedMemory(); // 0 without a limit, or a number beyond all memory
  const bytes = container > 0 ? Math.min(container, totalmem()) : totalmem();
  return {
    processes: MOST_PROCESSES,
    memoryMb: Math.floor((bytes * MEMORY_SHARE) / 2 ** 20),
    outputMb: outputGb * 1000,
  };
}

/** What a command took too much of. */
export type Passed = Extract<(typeof EXIT_REASONS)[number], 'processes' | 'memory' | 'output'>;

/** What became of a command that took too much, in words. */
export function passedWords(passed: Passed, { processes, memoryMb, outputMb }: Allowance): string {
  if (passed === 'processes') return `had more than ${processes} processes at once and was ended`;
  if (passed === 'memory') return `took more than ${byteFigure(memoryMb * 2 ** 20)} of memory and was ended`;
  return `wrote more than ${byteFigure(outputMb * 1e6)} and was ended; \`train.outputGb\` allows more`;
}

/** How often whoever waits for a command looks. */
export const LOOK_MS = 500;

/** Watches one command. */
export interface AllowanceWatch {
  /** Looks once; says what it takes too much of, if anything. */
  readonly look: () => Passed | undefined;
  /** The largest resident sizes of its processes, added up at each look, in MB. */
  readonly peakMb: () => number;
}

/** Watches `pid`, all below it, and where it writes, if that is known; without an allowance it only measures memory. */
export function watchAllowance(
  pid: number,
  allowed: Allowance | undefined,
  written: Written | undefined,
): AllowanceWatch {
  let peakMb = 0;
  const preferred = new Set<number>();
  const isSized = allowed !== undefined && written !== undefined;
  const writtenMb = isSized ? createSizeWatch(written, allowed.outputMb) : () => 0;
  const look = (): Passed | undefined => {
    const family = lookAtFamily(pid, allowed?.processes);
    peakMb = Math.max(peakMb, family.peakMb);
    for (const member of family.pids) if (!preferred.has(member)) preferForKilling(member);
    for (const member of family.pids) preferred.add(member);
    if (allowed === undefined) return undefined;
    if (family.pids.length > allowed.processes) return 'processes';
    // Adding up resident sizes counts shared memory once for each process: asked exactly only when it could matter.
    if (family.residentMb > allowed.memoryMb && proportionalMb(family.pids) > allowed.memoryMb) return 'memory';
    return writtenMb() > allowed.outputMb ? 'output' : undefined;
  };
  return { look, peakMb: () => peakMb };
}

// The kernel, short of memory, should take the command, which is a result, before its supervisor or worker.
const OOM_SCORE = '500';

function preferForKilling(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE);
  } catch {
    // no /proc, or gone already
  }
}
