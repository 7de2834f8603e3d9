// Short commands of a task that are not the training: prepare, score, checks. They end with their worker's patience:
// a time limit, a cancellation, or, when the worker was killed, the next start of the same step.
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOK_MS, watchAllowance, type Allowance, type Passed } from './allowance.ts';
import { createTail } from './bounded-log.ts';
import { belongingTo, endGroup, startCommand } from './command.ts';
import { openPipe } from './output-pipe.ts';
import type { Written } from './output-size.ts';
import { killAll } from './process-table.ts';

/** A step to run. */
export interface Step {
  /** Together with `cwd` it names the step; what an earlier start of it left alive is killed first. */
  readonly id: string;
  readonly command: string;
  readonly cwd: string;
  /** The whole environment, but for `AUTORESEARCH_STEP` (added) and `AUTORESEARCH_TRIAL` (removed: it marks trainings). */
  readonly env: Readonly<Record<string, string>>;
  /** It is a training all the same, and told so. */
  readonly isTraining?: true;
  /** What the command is given to, see sandbox.ts. */
  readonly shield?: readonly string[] | undefined;
  /** What it may take, with all that it starts; absent: anything. */
  readonly allowance?: Allowance;
  /** Where it writes what counts; absent: nowhere. */
  readonly written?: Written | undefined;
  /** The file that it gets on stdin; absent: nothing. */
  readonly stdin?: string;
  readonly seconds: number;
  readonly graceSeconds?: number;
  /** Of stdout, from its beginning; the rest is read and dropped. */
  readonly maxOutputBytes?: number;
  readonly signal?: AbortSignal;
  /** Called for each line of stdout and stderr; `\r` ends a line too. */
  readonly onLine?: (line: string) => void;
}

/** How a step ended. */
export interface StepResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  /** What it took too much of, and was ended for at once. */
  readonly passed?: Passed;
  readonly stdout: string;
  /** Of all that it printed there. */
  readonly stdoutBytes: number;
  /** Whether there was more stdout than was kept. */
  readonly truncated: boolean;
  readonly stderrTail: string;
  readonly seconds: number;
  /** Processes that outlived the command and had to be killed. */
  readonly leftovers: number;
}

const DEFAULT_GRACE_SECONDS = 2;
const DEFAULT_OUTPUT_BYTES = 1_000_000;
const STDERR_TAIL_BYTES = 16_384;
const DRAIN_MS = 2000;

/** Runs a step to its end and kills whatever is left of it. How it ended is a value; only a broken machine throws. */
export async function runStep(step: Step): Promise<StepResult> {
  const { AUTORESEARCH_TRIAL: _trial, ...others } = step.env;
  const env = step.isTraining === true ? step.env : others;
  const { shield = [] } = step;
  const marker = stepMarker(step);
  makeFolders(env);
  await killAll((found) => found.carries([marker]), 0);
  const started = performance.now();
  const output = createOutput(step);
  const [out, err] = [openPipe(tmpdir()), openPipe(tmpdir())];
  const stdin = step.stdin === undefined ? undefined : openSync(step.stdin, 'r');
  const { pid, end } = startCommand(step.command, {
    cwd: step.cwd,
    env: { ...env, [STEP]: marker.slice(STEP.length + 1) },
    stdin,
    stdout: out.writeEnd,
    stderr: err.writeEnd,
    shield,
  });
  if (stdin !== undefined) closeSync(stdin);
  out.start(output.onStdout);
  err.start(output.onStderr);
  const first = await firstOf(end, step, pid);
  const graceSeconds = isPassed(first) ? 0 : (step.graceSeconds ?? DEFAULT_GRACE_SECONDS);
  if (first !== 'ended' && pid !== undefined) await endGroup(pid, graceSeconds, shield.length > 0);
  const { code, signal, trouble } = await end;
  const seconds = Math.round(performance.now() - started) / 1000;
  const leftovers = pid === undefined ? 0 : await killAll(belongingTo(pid, [marker]));
  await Promise.all([out.finish(DRAIN_MS), err.finish(DRAIN_MS)]);
  const ended = { code, signal, timedOut: first === 'timed-out', aborted: first === 'aborted', seconds, leftovers };
  return { ...ended, ...(isPassed(first) && { passed: first }), ...output.collect(trouble) };
}

const STEP = 'AUTORESEARCH_STEP';

/** The environment entry that marks every process of a step. */
export const stepMarker = ({ id, cwd }: Pick<Step, 'id' | 'cwd'>): string => `${STEP}=${id} in ${cwd}`;

/** Training's HOME and TMPDIR are gone with it, and nothing that it put there may reach a scorer. */
function makeFolders({ HOME, TMPDIR }: Readonly<Record<string, string>>): void {
  for (const folder of [HOME, TMPDIR]) if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
}

type First = 'ended' | 'timed-out' | 'aborted' | Passed;

const isPassed = (first: First): first is Passed => first === 'processes' || first === 'memory' || first === 'output';

async function firstOf(end: Promise<unknown>, step: Step, pid: number | undefined): Promise<First> {
  const limit = AbortSignal.timeout(Math.ceil(step.seconds * 1000));
  const either = step.signal === undefined ? limit : AbortSignal.any([limit, step.signal]);
  const done = new AbortController();
  const over = once(either, 'abort', { signal: done.signal }).then(
    () => 'over' as const,
    () => 'done' as const,
  );
  const ended = end.then(() => 'ended' as const);
  const passed = pid === undefined || step.allowance === undefined ? [] : [untilPassed(pid, step, done.signal)];
  const first = either.aborted ? 'over' : await Promise.race([ended, over, ...passed]);
  done.abort();
  if (first === 'over') return step.signal?.aborted === true ? 'aborted' : 'timed-out';
  return first === 'done' ? 'ended' : first;
}

/** Looks until the step takes too much, or its waiting is over otherwise. */
async function untilPassed(pid: number, { allowance, written }: Step, over: AbortSignal): Promise<Passed | 'done'> {
  const watch = watchAllowance(pid, allowance, written);
  while (!over.aborted) {
    const passed = watch.look();
    if (passed !== undefined) return passed;
    await sleep(LOOK_MS, undefined, { signal: over }).catch(() => undefined); // over, which is looked at next
  }
  return 'done';
}

type Printed = Pick<StepResult, 'stdout' | 'stdoutBytes' | 'truncated' | 'stderrTail'>;

function createOutput({ maxOutputBytes = DEFAULT_OUTPUT_BYTES, onLine }: Step): {
  onStdout: (chunk: Buffer) => void;
  onStderr: (chunk: Buffer) => void;
  collect: (trouble: string | undefined) => Printed;
} {
  const kept: Buffer[] = [];
  let [space, stdoutBytes] = [maxOutputBytes, 0];
  const errors = createTail(STDERR_TAIL_BYTES);
  const lines = [createLines(onLine), createLines(onLine)] as const;
  const onStdout = (chunk: Buffer): void => {
    const head = chunk.subarray(0, space);
    kept.push(head);
    space -= head.length;
    stdoutBytes += chunk.length;
    lines[0](chunk);
  };
  const onStderr = (chunk: Buffer): void => {
    errors.push(chunk);
    lines[1](chunk);
  };
  const collect = (trouble: string | undefined): Printed => ({
    stdout: Buffer.concat(kept).toString('utf8'),
    stdoutBytes,
    truncated: stdoutBytes > maxOutputBytes,
    stderrTail: trouble ?? errors.peek().toString('utf8'),
  });
  return { onStdout, onStderr, collect };
}

const LONGEST_LINE = 2000;

function createLines(onLine: ((line: string) => void) | undefined): (chunk: Buffer) => void {
  if (onLine === undefined) return () => undefined;
  let partial = '';
  return (chunk) => {
    const lines = (partial + chunk.toString('utf8')).split(/[\r\n]+/);
    partial = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) if (line.trim() !== '') onLine(line.slice(0, LONGEST_LINE));
  };
}
