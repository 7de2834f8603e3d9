// Promise 1 of the design: on a fresh clone, in an empty home, with no key, GPU or Docker, `npm start` does it all.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshClone, type FreshClone } from '../support/fresh-clone.ts';
import { until } from '../support/until.ts';

let clone: FreshClone;
beforeAll(async () => {
  clone = await freshClone();
});
afterAll(() => clone.close());

it('runs the bundled task to a kept commit by npm start alone, and leaves the checkout as it was', async () => {
  const before = await clone.git('status', '--porcelain=v2', '--branch');
  // When the first keep comes depends on how busy the machine is, so that is what is waited for.
  const view = clone.npmStart(
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
  expect((await clone.npx('stop')).exitCode).toBe(0);
  const start = await view.ended();
  expect(start.stderr + start.stdout).not.toContain('    at '); // no stack trace at a person
  expect(start.exitCode).toBe(0);

  const best = JSON.parse((await clone.npx('best', '--json')).stdout) as {
    best: { commit: string; branch: string; value: number };
    baseline: { value: number };
    experiments: { total: number; kept: number };
  };
  expect(best.experiments.kept).toBeGreaterThan(0);
  expect(best.best.value).toBeLessThan(best.baseline.value);
  // The kept line is in the person's own git, its subjects are the hypotheses.
  expect(await clone.git('rev-parse', best.best.branch)).toBe(best.best.commit);
  expect(await clone.git('log', '--format=%s', `HEAD..${best.best.branch}`)).toMatch(/^[A-Z0-9_]+ .* -> /);
  expect(await clone.git('status', '--porcelain=v2', '--branch')).toBe(before);
  expect(existsSync(join(clone.path, 'tasks/byte-lm/__pycache__'))).toBe(false);
}, 600_000);
