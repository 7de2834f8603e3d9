// Promise 2 of the design: after whatever has ended, the next `npm start` goes on.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../../src/domain/experiment.ts';
import { liveTrials } from '../../../src/trainer/sweep.ts';
import { pidNoteSchema, type PidNote } from '../../../src/trainer/trial-spec.ts';
import { freshClone, type FreshClone } from '../../support/fresh-clone.ts';
import { until } from '../../support/until.ts';

let clone: FreshClone;
beforeAll(async () => {
  clone = await freshClone();
});
afterAll(() => clone.close());

/** Numbers of starts without training begin above this. */
const UNTRAINED = 500_000;

/** A trial and who works on it. */
interface Hands {
  readonly trial: string;
  readonly note: PidNote;
}
/** The live trials that train: one that is only scored has ended, and one that is only started is over at once. */
const inHand = (): Hands[] =>
  liveTrials(clone.state.trials).flatMap(({ trial, directory }) => {
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
  const spec = readFileSync(join(clone.state.trials, trial, 'spec.json'), 'utf8');
  return (JSON.parse(spec) as { env: Record<string, string> }).env['AUTORESEARCH_SEED'];
};
const killService = (wanted: string): void => {
  const file = JSON.parse(readFileSync(clone.state.services, 'utf8')) as { processes: { name: string; pid: number }[] };
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
  let view = clone.npmStart(...options);
  const first = await until(() => /^(byte-lm-[\w.-]+) · /m.exec(view.said())?.[1]);
  // Each happens during a training, which must be adopted where its process lived.
  const adopted: Hands[] = [];
  for (const disaster of ['Ctrl-C alone', 'device-worker', 'control-worker', 'temporal-server']) {
    adopted.push(await nextTrial());
    killService(disaster);
    await view.ctrlC();
    view = clone.npmStart();
    await until(() => view.said().includes(`${first} · `));
  }

  // A machine that goes down takes everything with it.
  const { trial, note } = await nextTrial();
  const seed = seedOf(trial);
  for (const name of ['watchdog', 'temporal-server', 'control-worker', 'device-worker']) killService(name);
  process.kill(note.supervisor.pid, 'SIGKILL');
  if (note.child !== null) process.kill(-note.child.pid, 'SIGKILL');
  await view.ctrlC();
  view = clone.npmStart();
  const again = await until(() => inHand().find((one) => one.trial === trial));
  expect(again.note).not.toEqual(note);
  expect(seedOf(trial)).toBe(seed);

  expect((await clone.npx('stop', first)).exitCode).toBe(0);
  expect((await view.ended()).exitCode).toBe(0);
  const records = JSON.parse((await clone.npx('results', first, '--json')).stdout) as ExperimentRecord[];
  expect(records.map(({ experiment }) => experiment)).toEqual(records.map((_, k) => k + 1));
  const trained = records.filter(({ verdict }) => verdict !== 'dropped');
  expect(trained.length).toBeGreaterThanOrEqual(4);
  expect(trained.every(({ trials }) => trials.length === 1 && trials[0]?.value !== null)).toBe(true);
  const now = adopted.map((one) => ({ ...one, note: noteIn(join(clone.state.trials, one.trial, 'pid.json')) }));
  expect(now).toEqual(adopted);
  expect((await clone.npx('verify', first)).exitCode).toBe(0);
}, 300_000);
