// Promise 1 of the design: on a fresh clone, in an empty home, with no key, GPU or Docker, `npm start` does it all.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/config.ts';

let folder: string;
let clone: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'autoresearch-clone-'));
  clone = join(folder, 'clone');
  await execa('git', ['clone', '--quiet', packageRoot(), clone]);
});
afterAll(async () => {
  await npx('down');
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
const npx = (...args: string[]) =>
  execa('npx', ['autoresearch', ...args], { cwd: clone, env: environment(), reject: false, stdin: 'ignore' });
const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: clone })).stdout;

it('runs the bundled task to a kept commit by npm start alone, and leaves the checkout as it was', async () => {
  const before = await git('status', '--porcelain=v2', '--branch');
  const options = ['--experiments', '12', '--trial-seconds', '1', '--calibration', '2', '--seed', '3'];
  const start = await execa('npm', ['start', '--', ...options], {
    cwd: clone,
    env: environment(),
    reject: false,
    stdin: 'ignore',
  });
  expect(start.stderr + start.stdout).not.toContain('    at '); // no stack trace at a person
  expect(start.exitCode).toBe(0);

  const best = JSON.parse((await npx('best', '--json')).stdout) as {
    best: { commit: string; branch: string; value: number };
    baseline: { value: number };
    experiments: { total: number; kept: number };
  };
  expect(best.experiments.total).toBe(12);
  expect(best.experiments.kept).toBeGreaterThan(0);
  expect(best.best.value).toBeLessThan(best.baseline.value);
  // The kept line is in the person's own git, its subjects are the hypotheses.
  expect(await git('rev-parse', best.best.branch)).toBe(best.best.commit);
  expect(await git('log', '--format=%s', `HEAD..${best.best.branch}`)).toMatch(/^[A-Z0-9_]+ .* -> /);
  expect(await git('status', '--porcelain=v2', '--branch')).toBe(before);
  expect(existsSync(join(clone, 'tasks/byte-lm/__pycache__'))).toBe(false);
}, 300_000);
