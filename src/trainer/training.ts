// One run of a trial's command, inside the supervisor: started, timed, ended, and nothing of it left alive.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOK_MS, watchAllowance, type AllowanceWatch, type Passed } from './allowance.ts';
import { openBoundedLog, type BoundedLog } from './bounded-log.ts';
import { belongingTo, endGroup, startCommand, type Command } from './command.ts';
import { stampOutput } from './output-hash.ts';
import { openPipe } from './output-pipe.ts';
import { killAll } from './process-table.ts';
import { baselineBeside, type TrialDirectory } from './trial-directory.ts';
import type { Exit, TrialSpec } from './trial-spec.ts';

/** The environment entries that mark every process of a trial. `OUT` tells apart equal ids of two state directories. */
export function markersOf(trial: string, directory: TrialDirectory): string[] {
  return [`AUTORESEARCH_TRIAL=${trial}`, outputMarker(directory)];
}

/** What the entry below begins with. */
export const OUTPUT = 'AUTORESEARCH_OUT=';
/** Marks a trial's training, and the scorers and checks of what that left. */
const outputMarker = ({ out }: TrialDirectory): string => `${OUTPUT}${out}`;
/** The marks of what belongs to a trial in a wider sense: also what is measured beside it. */
export const outputMarkers = (directory: TrialDirectory): string[] =>
  [directory, baselineBeside(directory)].map(outputMarker);

/** What the supervisor is told while a training goes on. */
export interface TrainingEvents {
  readonly onStart: (pid: number, startedAt: Date) => void;
  /** Called about twice a second with the log's last line. */
  readonly onTick: (lastLine: string) => void;
  readonly onEnding: () => void;
}

// A leftover that cannot be killed may hold the pipe; the log is not worth waiting longer.
const DRAIN_MS = 2000;
/** What has taken too much gets no time to take more. */
const AT_ONCE: readonly Exit['reason'][] = ['processes', 'memory', 'output'] satisfies Passed[];

/** Runs the command to its end and kills whatever is left of it. `stop` ends it with reason `stopped`. */
export async function runTraining(
  spec: TrialSpec,
  directory: TrialDirectory,
  stop: AbortSignal,
  events: TrainingEvents,
): Promise<Exit> {
  const log = openBoundedLog(directory.log, spec.maxLogBytes);
  const startedAt = new Date();
  const startedMs = performance.now();
  const { pid, end, drain } = start(spec, directory, log);
  if (pid !== undefined) events.onStart(pid, startedAt);
  const { tree, out, home, tmp } = directory;
  const written = { tree, own: [out, home, tmp] };
  const taken = pid === undefined ? undefined : watchAllowance(pid, spec.allowance, written);
  const reason = await watchChild({ spec, log, stop, startedMs, taken, end, onTick: events.onTick });
  if (reason !== 'exited' && pid !== undefined) {
    events.onEnding();
    await endGroup(pid, AT_ONCE.includes(reason) ? 0 : spec.graceSeconds, spec.shield.length > 0);
  }
  const { code, signal, isOwnSignal, trouble } = await end;
  if (trouble !== undefined) log.write(Buffer.from(`autoresearch could not start the command: ${trouble}\n`));
  const seconds = (performance.now() - startedMs) / 1000;
  const leftovers = pid === undefined ? 0 : await killAll(belongingTo(pid, markersOf(spec.id, directory)));
  await drain();
  log.close();
  const output = await stampOutput(directory.out);
  return {
    trial: spec.id,
    reason,
    code,
    signal,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    seconds: Math.round(seconds * 1000) / 1000,
    logBytes: log.bytes(),
    leftovers,
    output,
    ...(taken !== undefined && taken.peakMb() > 0 && { peakRssMb: Math.round(taken.peakMb()) }),
    sandbox: spec.sandbox,
    ...(isOwnSignal && reason === 'exited' && { ownSignal: isOwnSignal }),
  };
}

function start(spec: TrialSpec, directory: TrialDirectory, log: BoundedLog): Command & { drain: () => Promise<void> } {
  const pipe = openPipe(directory.root);
  const command = startCommand(spec.command, {
    cwd: join(directory.tree, spec.cwd),
    env: { ...inherited(spec), ...spec.env, AUTORESEARCH_TRIAL: spec.id, AUTORESEARCH_OUT: directory.out },
    stdout: pipe.writeEnd,
    stderr: pipe.writeEnd,
    shield: spec.shield,
  });
  pipe.start(log.write);
  return { ...command, drain: () => pipe.finish(DRAIN_MS) };
}

function inherited({ inherit }: TrialSpec): Record<string, string> {
  return Object.fromEntries(
    inherit.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

interface Watched {
  readonly spec: TrialSpec;
  readonly log: BoundedLog;
  readonly stop: AbortSignal;
  readonly startedMs: number;
  readonly taken: AllowanceWatch | undefined;
  readonly end: Command['end'];
  readonly onTick: (lastLine: string) => void;
}

/** Waits for the command's end, the deadline, a stall, a passed limit or a stop, whichever is first. */
async function watchChild(watched: Watched): Promise<Exit['reason']> {
  const { spec, log, stop, startedMs, taken, end, onTick } = watched;
  const deadlineMs = startedMs + (spec.seconds + spec.startupSeconds) * 1000;
  const exited = end.then(() => 'exited' as const);
  for (;;) {
    const passed = taken?.look();
    if (passed !== undefined) return passed;
    const now = performance.now();
    const tick = waitAtMost(Math.max(0, Math.min(LOOK_MS, deadlineMs - now)), stop);
    const first = await Promise.race([exited, tick.over]);
    tick.cancel();
    if (first === 'exited') return 'exited';
    onTick(log.lastLine());
    if (stop.aborted) return 'stopped';
    const after = performance.now();
    if (after >= deadlineMs) return 'deadline';
    const quietSince = log.lastOutputAt() ?? startedMs + spec.startupSeconds * 1000;
    if (after - quietSince > spec.stallSeconds * 1000) return 'stalled';
  }
}

function waitAtMost(ms: number, stop: AbortSignal): { over: Promise<'tick'>; cancel: () => void } {
  const cancelled = new AbortController();
  const signal = AbortSignal.any([stop, cancelled.signal]);
  // A stop rejects the wait at once, which is what it is for.
  const over = sleep(ms, undefined, { signal }).then(
    () => 'tick' as const,
    () => 'tick' as const,
  );
  return { over, cancel: () => cancelled.abort() };
}
