// A person's checkout of another program's project, untouched: found, searched in a short session, its results written
// as that program has them, and read back.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import type { ProjectKind } from '../../src/domain/project.ts';
import { createProduct, type Product } from '../support/product.ts';
import { projectFiles } from '../support/project-files.ts';

let product: Product | undefined;
afterEach(async () => product?.close());

const EXPERIMENTS = 2;
/** What of the project's own words a log has to have: `19.0%` and `1.200x` of AutoKernel's bench are numbers there. */
const SAID: Readonly<Record<ProjectKind, RegExp>> = {
  karpathy: /^commit\tval_bpb\t.*\n.*\tkeep\tbaseline$/m,
  pi: /"metricName":"total_ms","metricUnit":"ms","bestDirection":"lower"/,
  autokernel: /\t\d+\.\d\t\d+\.\d{3}\tPASS\t/,
};

it.each<[ProjectKind]>([['karpathy'], ['pi'], ['autokernel']])(
  'start in a checkout of %s just works, and leaves it as it was',
  async (kind) => {
    product = await createProduct({ files: projectFiles(kind) });
    const { repo, folder, run } = product;
    const status = (): Promise<string> => git(repo, ['status', '--porcelain', '--ignored']);
    expect(await status()).toBe('');
    await product.start('night', { experiments: EXPERIMENTS });
    const best = await product.ended('night');
    expect(best).toMatchObject({ tier: 'B', baseline: { trials: 1 }, experiments: { total: EXPERIMENTS, failed: 0 } });
    // Where a check could not see what it is about, nothing would ever be kept.
    const failed = (await product.records('night')).flatMap(({ trials }) =>
      trials.flatMap((one) => one.failedCheck ?? []),
    );
    expect(failed).toEqual([]);
    const told = await run('status', 'night');
    expect(told.stdout).toContain('derived from');
    const { stdout, exitCode } = await run('results', 'night', '--format', kind);
    expect(exitCode).toBe(0);
    const hooks = [...stdout.matchAll(/"stage":"(\w+)","exit_code":(\d)/g)].map(
      ([, stage, code]) => `${stage} ${code}`,
    );
    expect(new Set(hooks)).toEqual(new Set(kind === 'pi' ? ['before 0', 'after 1'] : []));
    const log = join(folder, 'log');
    writeFileSync(log, `${stdout}\n`);
    expect(stdout).toMatch(SAID[kind]);
    const imported = await run('import', log, '--json');
    expect(JSON.parse(imported.stdout)).toMatchObject({ format: kind, isNew: true });
    expect(readFileSync(log, 'utf8').trim().split('\n').length).toBeGreaterThan(EXPERIMENTS);
    expect(await run('verify', 'night')).toMatchObject({ exitCode: 0 });
    expect(await status()).toBe('');
  },
  120_000,
);
