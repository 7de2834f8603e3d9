// A clock that jumps: set by a person or by a server, or after a sleep. Only its face changes; no training may notice.
import { mkdirSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { runTraining } from '../../src/trainer/training.ts';
import { Detached } from '../../src/trainer/watch.ts';
import { makeTrial, runningNote } from './support.ts';

afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;

test.each([DAY_MS, -DAY_MS])(
  'a clock that jumps by %i ms ends no training, and its seconds are those it took',
  async (jump) => {
    const { spec, directory } = makeTrial('for i in 1 2 3 4; do echo $i; sleep 0.3; done', {
      seconds: 20,
      stallSeconds: 5,
    });
    for (const folder of [directory.tree, directory.out]) mkdirSync(folder, { recursive: true });
    vi.useFakeTimers({ toFake: ['Date'] });
    let ticks = 0;
    const exit = await runTraining(spec, directory, new AbortController().signal, {
      onStart: () => undefined,
      onTick: () => {
        ticks += 1;
        vi.setSystemTime(Date.now() + jump);
      },
      onEnding: () => undefined,
    });
    expect(ticks).toBeGreaterThan(0);
    expect(exit).toMatchObject({ reason: 'exited', code: 0 });
    expect(exit.seconds).toBeGreaterThan(1);
    expect(exit.seconds).toBeLessThan(spec.seconds);
  },
);

test('a worker whose clock has jumped adopts the training that runs, and trains nothing twice', async () => {
  const trial = makeTrial('until [ -e "$AUTORESEARCH_OUT/go" ]; do sleep 0.05; done');
  const worker = new AbortController();
  const first = trial.watch({ signal: worker.signal });
  const { child } = await runningNote(trial.directory);
  worker.abort('detach');
  await expect(first).rejects.toThrow(Detached);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - DAY_MS });
  const second = trial.watch({ onProgress: ({ elapsedSeconds }) => expect(elapsedSeconds).toBeGreaterThanOrEqual(0) });
  expect((await runningNote(trial.directory)).child).toEqual(child);
  mkdirSync(`${trial.directory.out}/go`);
  expect(await second).toMatchObject({ reason: 'exited' });
  expect(trial.prepared()).toBe(1);
});
