// Commands that take too much, under a real supervisor: each is ended, which is a result, and nothing of it is left.
import { writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allowanceHere, type Allowance } from '../../src/trainer/allowance.ts';
import type { Sandbox } from '../../src/domain/experiment.ts';
import type { Exit } from '../../src/trainer/trial-spec.ts';
import { hasBubblewrap, kinds, sandboxed } from './sandboxed.ts';
import { livePids } from './support.ts';

const ample: Allowance = { processes: 512, memoryMb: 4000, outputMb: 1000 };

test('is generous on this machine, and the task’s own where it says one', () => {
  const { memoryMb, ...others } = allowanceHere();
  expect(others).toEqual({ processes: 512, outputMb: 10_000 });
  expect(memoryMb).toBeLessThanOrEqual((0.9 * totalmem()) / 2 ** 20);
  expect(allowanceHere(0.5).outputMb).toBe(500);
});

async function end(command: string, allowance: Partial<Allowance>, kind: Sandbox): Promise<Exit> {
  const trial = sandboxed(command, { allowance: { ...ample, ...allowance } }, kind);
  const exit = await trial.watch();
  expect(livePids(trial.directory)).toEqual([]);
  return exit;
}

for (const { kind, has } of [...kinds, { kind: 'none', has: true }] as const) {
  // Each kind that this machine can make; CI has them all.
  describe.skipIf(!has)(`with sandbox ${kind} (needs it)`, () => {
    test('a fork bomb is ended', async () => {
      // It doubles nine times: enough to be one, few enough for a machine where this fails.
      const bomb = `bomb() { if [ $1 -lt 9 ]; then bomb $(($1 + 1)) & bomb $(($1 + 1)) & fi; sleep 60; }; bomb 0; wait`;
      expect(await end(bomb, { processes: 100 }, kind)).toMatchObject({ reason: 'processes', signal: 'SIGKILL' });
    });

    test('one that takes more memory is ended', async () => {
      const program = `python3 -c 'block = bytearray(400_000_000); import time; time.sleep(60)'`;
      expect(await end(program, { memoryMb: 300 }, kind)).toMatchObject({ reason: 'memory', signal: 'SIGKILL' });
    });
  });
}

const best = hasBubblewrap ? 'bubblewrap' : 'none';

test('memory that its processes share counts once', async () => {
  const program = `python3 -c '
import os, time
block = bytearray(200_000_000)
for _ in range(3): os.fork() or (time.sleep(2), os._exit(0))
time.sleep(1.5)'`;
  expect(await end(program, { memoryMb: 500 }, best)).toMatchObject({ reason: 'exited', code: 0 });
});

test('one that writes more is ended, whichever of its folders it writes in', async () => {
  const places = ['$AUTORESEARCH_OUT', '$HOME', '$TMPDIR', '.'];
  const loop = 'sleep 1; for k in $(seq 30); do head -c 1000000 /dev/zero > "$place/$k"; done; sleep 60';
  const ends = await Promise.all(places.map((place) => end(`place=${place}; ${loop}`, { outputMb: 20 }, best)));
  for (const one of ends) expect(one).toMatchObject({ reason: 'output', signal: 'SIGKILL' });
});

test('what the checkout holds is no output', async () => {
  const trial = sandboxed('sleep 1.5', { allowance: { ...ample, outputMb: 5 } }, best);
  const exit = await trial.watch({
    prepareTree: () => writeFile(join(trial.directory.tree, 'corpus'), Buffer.alloc(20_000_000, 1)),
  });
  expect(exit).toMatchObject({ reason: 'exited', code: 0 });
});
