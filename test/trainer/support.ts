// Trials of tiny commands in a folder of their own, and what the tests ask of them. Everything started is ended.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach } from 'vitest';
import type { Progress } from '../../src/domain/progress.ts';
import { isAlive, type ProcessIdentity } from '../../src/trainer/process-identity.ts';
import { readJson } from '../../src/trainer/durable-file.ts';
import { listProcesses } from '../../src/trainer/process-table.ts';
import { killTrial } from '../../src/trainer/sweep.ts';
import { trialDirectory, trialId, type TrialDirectory } from '../../src/trainer/trial-directory.ts';
import { pidNoteSchema, trialSpecSchema, type PidNote, type TrialSpec } from '../../src/trainer/trial-spec.ts';
import { watchTrial, type Watch } from '../../src/trainer/watch.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'autoresearch-trainer-')));
const started: TrialDirectory[] = [];
let count = 0;

afterEach(async () => {
  await Promise.all(started.splice(0).map((directory) => killTrial(directory)));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A folder of this test file. */
export const testFolder = home;
/** One cache of the supervisor's bundle for the whole file. */
export const supervisorCache = join(home, 'supervisor');

export interface TestTrial {
  readonly directory: TrialDirectory;
  readonly spec: TrialSpec;
  /** How often the tree was prepared: once for each start. */
  readonly prepared: () => number;
  readonly watch: (options?: Partial<Watch>) => ReturnType<typeof watchTrial>;
}

type Changes = Partial<TrialSpec>;

/** A trial of a command of its own; it is ended after the test. */
export function makeTrial(command: string, changes: Changes | ((at: TrialDirectory) => Changes) = {}): TestTrial {
  const key = { session: 'test', experiment: ++count, trial: 1 };
  const directory = trialDirectory(join(home, 'trials'), key);
  started.push(directory);
  const spec = trialSpecSchema.parse({
    id: trialId(key),
    command,
    cwd: '.',
    env: { PATH: process.env['PATH'], HOME: directory.home },
    seconds: 30,
    startupSeconds: 0,
    stallSeconds: 30,
    graceSeconds: 0.3,
    device: 'cpu',
    deviceLock: join(home, 'devices', `cpu-${count}.lock`),
    ...(typeof changes === 'function' ? changes(directory) : changes),
  });
  let prepared = 0;
  const watch = (options: Partial<Watch> = {}): ReturnType<typeof watchTrial> =>
    watchTrial({
      directory,
      spec,
      prepareTree: () => {
        prepared += 1;
        return Promise.resolve();
      },
      onProgress: (_progress: Progress) => undefined,
      signal: new AbortController().signal,
      supervisorCache,
      ...options,
    });
  return { directory, spec, prepared: () => prepared, watch };
}

/** Waits until `ask` gives something; the test's own time limit ends a wait in vain. */
export async function eventually<T>(ask: () => T | undefined | false): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(20);
  }
}

/** The note of a trial whose command runs. */
export const runningNote = (directory: TrialDirectory): Promise<PidNote & { child: ProcessIdentity }> =>
  eventually(() => {
    const note = readJson(directory.pid, pidNoteSchema);
    if (note.status !== 'ok' || note.value.child === null || !isAlive(note.value.supervisor)) return undefined;
    return { ...note.value, child: note.value.child };
  });

/** Live processes of a trial's command, by their environment. */
export const livePids = (directory: TrialDirectory): number[] =>
  listProcesses()
    .filter((found) => found.carries([`AUTORESEARCH_OUT=${directory.out}`]))
    .map(({ pid }) => pid);
