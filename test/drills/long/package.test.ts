// Promise 1 of the design, for who installs the package: the bundled task runs to its end where there is no clone.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BestReport } from '../../../src/domain/best-report.ts';
import { installPackage, type InstalledPackage } from '../../support/installed-package.ts';

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
});
afterAll(async () => {
  await installed.run(['down']);
  installed.remove();
});

it('runs the demo from the package’s tarball, and tells the best of it with everything stopped', async () => {
  const shape = ['--experiments', '2', '--trial-seconds', '1', '--calibration', '2'];
  const { exitCode, stdout, stderr } = await installed.run(['demo', ...shape]);
  expect(stdout + stderr).not.toContain('    at '); // no stack trace at a person
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  expect((await installed.run(['down'])).exitCode).toBe(0);
  const best = JSON.parse((await installed.run(['best', '--json'])).stdout) as BestReport;
  expect(best).toMatchObject({ status: 'done', metric: 'val_bpb', experiments: { total: 2 } });
  expect((await installed.run(['verify'])).exitCode).toBe(0);
}, 300_000);
