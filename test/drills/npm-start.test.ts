// Promises 1 and 2 of the design: on a fresh clone, in an empty home, with no key, GPU or Docker, `npm start` does it
// all; and after whatever has ended, the next `npm start` goes on.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import { pidNoteSchema, type PidNote } from '../../src/trainer/trial-spec.ts';
import { until } from '../support/until.ts';

let folder: string;
let clone: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'autoresearch-clone-'));
  clone = join(folder, 'clone');
  await execa('git', ['clone', '--quiet', packageRoot(), clone]);
});
afterAll(async () => {
  await npx('down');
  for (const { directory } of liveTrials(state().trials)) await killTrial(directory);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: join(folder, 'home'),
  AUTORESEARCH_HOME: join(folder, 'state'),
  // Warm caches of packages alone: whether the registries are fast is not what is tested.
  npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
  PIP_CACHE_DIR: join(homedir(), '.cache/pip'),
});
const state = () => stateDirectory(environment());
const npx = (...args: string[]) =>
  execa('npx', ['autoresearch', ...args], { cwd: clone, env: environment(), reject: false, stdin: 'ignore' });
const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: clone })).stdout;

it('runs the bundled task to a kept commit by npm start alone, and leaves the checkout as it was', async () => {
  const before = await git('status', '--porcelain=v2', '--branch');
  // When the first keep comes depends on how busy the machine is, so that is what is waited for.
  const view = npmStart(
    '--experiments',
    '100',
    '--trial-seconds',
    '1',
    '--calibration',
    '2',
    '--rule',
    'greedy',
    '--seed',
    '3',
  );
  await until(() => /^experiment \d+ · keep · /m.test(view.said()));
  expect((await npx('stop')).exitCode).toBe(0);
  const start = await view.ended();
  expect(start.stderr + start.stdout).not.toContain('    at '); // no stack trace at a person
  expect(start.exitCode).toBe(0);

  const best = JSON.parse((await npx('best', '--json')).stdout) as {
    best: { commit: string; branch: string; value: number };
    baseline: { value: number };
    experiments: { total: number; kept: number };
  };
  expect(best.experiments.kept).toBeGreaterThan(0);
  expect(best.best.value).toBeLessThan(best.baseline.value);
  // The kept line is in the person's own git, its subjects are the hypotheses.
  expect(await git('rev-parse', best.best.branch)).toBe(best.best.commit);
  expect(await git('log', '--format=%s', `HEAD..${best.best.branch}`)).toMatch(/^[A-Z0-9_]+ .* -> /);
  expect(await git('status', '--porcelain=v2', '--branch')).toBe(before);
  expect(existsSync(join(clone, 'tasks/byte-lm/__pycache__'))).toBe(false);
}, 300_000);

/** `npm start` in a terminal of its own: a group of processes that Ctrl-C reaches together. */
function npmStart(...options: string[]) {
  const child = execa('npm', ['start', '--', ...options], {
    cwd: clone,
    env: environment(),
    reject: false,
    stdin: 'ignore',
    detached: true,
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  return {
    said: () => said,
    ended: () => child,
    ctrlC: async (): Promise<void> => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      await child;
    },
  };
}

/** Numbers of starts without training begin above this. */
const UNTRAINED = 500_000;

/** A trial and who works on it. */
interface Hands {
  readonly trial: string;
  readonly note: PidNote;
}
/** The live trials that train: one that is only scored has ended, and one that is only started is over at once. */
const inHand = (): Hands[] =>
  liveTrials(state().trials).flatMap(({ trial, directory }) => {
    if (Number(trial.split('/').at(-1)) > UNTRAINED) return [];
    const note = noteIn(directory.pid);
    return note === undefined || note.child === null || existsSync(directory.exit) ? [] : [{ trial, note }];
  });
/** The next trial that begins: the watchdog lets the session go on while we start things, so nobody knows which it is. */
async function nextTrial(): Promise<Hands> {
  const running = new Set(inHand().map(({ trial }) => trial));
  return until(() => inHand().find(({ trial }) => !running.has(trial)));
}
const noteIn = (path: string): PidNote | undefined => {
  try {
    return pidNoteSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined; // being written
  }
};
const seedOf = (trial: string): string | undefined => {
  const spec = readFileSync(join(state().trials, trial, 'spec.json'), 'utf8');
  return (JSON.parse(spec) as { env: Record<string, string> }).env['AUTORESEARCH_SEED'];
};
const killService = (wanted: string): void => {
  const file = JSON.parse(readFileSync(state().services, 'utf8')) as { processes: { name: string; pid: number }[] };
  for (const { name, pid } of file.processes) if (name === wanted) process.kill(pid, 'SIGKILL');
};

it('goes on with the same session by npm start after Ctrl-C, kill -9 of each process, and a reboot', async () => {
  const options = [
    '--experiments',
    '60',
    '--trial-seconds',
    '5',
    '--calibration',
    '1',
    '--rule',
    'greedy',
    '--seed',
    '4',
  ];
  let view = npmStart(...options);
  const first = await until(() => /^(byte-lm-[\w.-]+) · /m.exec(view.said())?.[1]);
  // Each happens during a training, which must be adopted where its process lived.
  const adopted: Hands[] = [];
  for (const disaster of ['Ctrl-C alone', 'device-worker', 'control-worker', 'temporal-server']) {
    adopted.push(await nextTrial());
    killService(disaster);
    await view.ctrlC();
    view = npmStart();
    await until(() => view.said().includes(`${first} · `));
  }

  // A machine that goes down takes everything with it.
  const { trial, note } = await nextTrial();
  const seed = seedOf(trial);
  for (const name of ['watchdog', 'temporal-server', 'control-worker', 'device-worker']) killService(name);
  process.kill(note.supervisor.pid, 'SIGKILL');
  if (note.child !== null) process.kill(-note.child.pid, 'SIGKILL');
  await view.ctrlC();
  view = npmStart();
  const again = await until(() => inHand().find((one) => one.trial === trial));
  expect(again.note).not.toEqual(note);
  expect(seedOf(trial)).toBe(seed);

  expect((await npx('stop', first)).exitCode).toBe(0);
  expect((await view.ended()).exitCode).toBe(0);
  const records = JSON.parse((await npx('results', first, '--json')).stdout) as ExperimentRecord[];
  expect(records.map(({ experiment }) => experiment)).toEqual(records.map((_, k) => k + 1));
  const trained = records.filter(({ verdict }) => verdict !== 'dropped');
  expect(trained.length).toBeGreaterThanOrEqual(4);
  expect(trained.every(({ trials }) => trials.length === 1 && trials[0]?.value !== null)).toBe(true);
  const now = adopted.map((one) => ({ ...one, note: noteIn(join(state().trials, one.trial, 'pid.json')) }));
  expect(now).toEqual(adopted);
  expect((await npx('verify', first)).exitCode).toBe(0);
}, 300_000);
