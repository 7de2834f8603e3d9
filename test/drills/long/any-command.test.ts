// A project of no known kind, measured by whatever command prints a number: from `init` to results that are read back.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { git } from '../../../src/git/git.ts';
import { createProduct, type Product } from '../../support/product.ts';

let product: Product | undefined;
afterEach(async () => product?.close());

const FILES = {
  'src/plan.json': '{ "blocks": 4, "batch": 64 }\n',
  // Faster with more blocks; as exact as a simulator.
  'bench.sh': `blocks=$(sed -n 's/.*"blocks": *\\([0-9]*\\).*/\\1/p' src/plan.json)
echo "METRIC latency_ms=$((1000 + 4000 / blocks))"
`,
};
const EXPERIMENTS = 2;

it('init, commit, start, export and import in a project that any command measures', async () => {
  product = await createProduct({ files: FILES });
  const { repo, folder, run } = product;
  const wanted = ['--train', './bench.sh', '--metric', 'latency_ms', '--minimize', '--edit', 'src/**'];
  const written = await run('init', ...wanted, '--seconds', '5');
  expect(written).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('measured best beside the baseline') });
  await git(repo, ['add', 'autoresearch.yaml']);
  const identity = ['-c', 'user.name=a person', '-c', 'user.email=person@example.org'];
  await git(repo, [...identity, 'commit', '--quiet', '--message', 'A task for autoresearch']);
  await product.start('night', { experiments: EXPERIMENTS });
  const best = await product.ended('night');
  expect(best).toMatchObject({ metric: 'latency_ms', baseline: { value: 2000 }, experiments: { total: EXPERIMENTS } });
  const records = await product.records('night');
  expect(records.filter(({ verdict }) => /crash|failed/.test(verdict))).toEqual([]);
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  for (const format of ['karpathy', 'pi']) {
    const { stdout, exitCode } = await run('results', 'night', '--format', format);
    expect(exitCode).toBe(0);
    const log = join(logs, format);
    writeFileSync(log, `${stdout}\n`);
    expect(JSON.parse((await run('import', log, '--json')).stdout)).toMatchObject({ format, isNew: true });
    expect(readFileSync(log, 'utf8').trim().split('\n').length).toBeGreaterThan(EXPERIMENTS);
  }
  expect((await run('verify', 'night')).exitCode).toBe(0);
}, 240_000);
