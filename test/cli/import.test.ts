import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { git, good, root, runWith } from './start-support.ts';

const HEADER = 'commit\tval_bpb\tmemory_gb\tstatus\tdescription';
const tsv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;
let count = 0;
let home = '';

beforeEach(() => {
  home = join(root, `home-${count++}`);
  vi.stubEnv('AUTORESEARCH_HOME', home);
});
afterEach(() => void vi.unstubAllEnvs());

/** A repo with a log beside its files, as the other program leaves it: untracked. */
function repoWithLog(rows: (head: string) => string[]): string {
  const repo = good();
  writeFileSync(join(repo, 'results.tsv'), tsv(...rows(git(repo, 'rev-parse', '--short=7', 'HEAD'))));
  return repo;
}

const ROWS = (head: string): string[] => [
  `${head}\t0.997900\t44.0\tkeep\tbaseline`,
  'fedcba9\t0.993200\t44.2\tkeep\tLR 0.04 -> 0.02',
  'fedcbaa\t1.005000\t44.0\tdiscard\tGeLU',
  'fedcbab\t0.000000\t0.0\tcrash\tOOM',
];

test('import says what a log has, keeps it in git, and changes nothing in the checkout', async () => {
  const cwd = repoWithLog(ROWS);
  const before = git(cwd, 'status', '--porcelain');
  const { code, out, err } = await runWith(['import', 'results.tsv'], { cwd });
  expect(code).toBe(0);
  expect(out).toBe(
    [
      'metric   better  experiments  kept  discarded  crashed  other  best kept',
      'val_bpb  lower   4            2     1          1        0      0.99320',
      '',
    ].join('\n'),
  );
  expect(err).toBe(
    `4 commits named, 1 of them in this repo: what they hold is not proposed again.\nSessions of ${cwd} know it from now on.\n`,
  );
  expect(git(cwd, 'for-each-ref', '--format=%(refname)', 'refs/autoresearch-imported')).toMatch(/\/[0-9a-f]{16}$/);
  expect([git(cwd, 'status', '--porcelain'), git(cwd, 'branch', '--list')]).toEqual([
    before,
    expect.not.stringContaining('auto'),
  ]);
  const again = await runWith(['import', 'results.tsv', '--json'], { cwd });
  expect(JSON.parse(again.out)).toMatchObject({
    repo: cwd,
    isNew: false,
    commits: [git(cwd, 'rev-parse', 'HEAD')],
    format: 'karpathy',
    segments: [{ metric: 'val_bpb', experiments: [{ verdict: 'keep' }, {}, {}, { value: null }] }],
  });
  expect(await runWith(['import', 'results.tsv', '--undo'], { cwd })).toEqual({
    code: 0,
    out: '',
    err: `Sessions of ${cwd} do not know it any more.\n`,
  });
  expect(git(cwd, 'for-each-ref', 'refs/autoresearch-imported')).toBe('');
  expect((await runWith(['import', 'results.tsv', '--undo'], { cwd })).code).toBe(3);
});

test('import takes a log from anywhere, for a repo that is named, and keeps it here alone when told to', async () => {
  const repo = good();
  const log = join(root, 'elsewhere.tsv');
  writeFileSync(log, `\uFEFF${tsv('fedcba9\t0.993200\t44.2\tkeep\tgrößer\tund 🚀')}`.replaceAll('\n', '\r\n'));
  const { code, out } = await runWith(['import', log, repo, '--no-push', '--json'], { cwd: root });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ segments: [{ experiments: [{ description: 'größer\tund 🚀' }] }] });
  expect(git(repo, 'for-each-ref', 'refs/autoresearch-imported')).toBe('');
});

test('import refuses what it cannot read, with every line at once, and leaves nothing behind', async () => {
  const cwd = repoWithLog((head) => [...ROWS(head), `${head}\t0.99\t44.0\tkept\tx`, 'fedcbac\tnan\t44.0\tkeep\ty']);
  expect(await runWith(['import', 'results.tsv'], { cwd })).toEqual({
    code: 2,
    out: '',
    err: [
      'results.tsv cannot be imported; nothing was changed.',
      'Line 6: Expected `status` to be one of keep, discard, crash; got "kept".',
      'Line 7: Expected the value to be a finite number, got "nan".',
      '',
    ].join('\n'),
  });
  writeFileSync(join(cwd, 'latin1.tsv'), Buffer.from([0x67, 0xf6, 0x0a]));
  for (const [log, said] of [
    ['latin1.tsv', 'to be UTF-8 text'],
    ['nothere.tsv', 'to be a file that can be read'],
    ['.', 'to be a file, got'],
    ['train.py', 'Expected a results.tsv of karpathy/autoresearch'],
  ] as const)
    expect(await runWith(['import', log], { cwd })).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(said),
    });
  writeFileSync(join(root, 'good.tsv'), tsv(...ROWS('fedcba8')));
  const nowhere = await runWith(['import', 'good.tsv'], { cwd: root });
  expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('to be a git repo') });
  expect(existsSync(home)).toBe(false);
});

test('what results --format prints of a session can be imported', async () => {
  const repo = good();
  for (const format of ['karpathy', 'pi', 'jsonl']) {
    const { out } = await runWith(['results', '--format', format]);
    writeFileSync(join(root, 'out'), out);
    const { code, err } = await runWith(['import', join(root, 'out'), repo, '--json']);
    expect([format, code, err]).toEqual([format, 0, '']);
  }
  const refused = await runWith(['results', '--format', 'autokernel']);
  expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining('got val_bpb; use another form') });
});
