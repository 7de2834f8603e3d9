import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isDataChanged } from '../../src/trainer/data-changes.ts';
import { ensurePrepared, type PreparedEnvironment } from '../../src/trainer/environment-store.ts';
import { discardPrepared, readReady, writeReady } from '../../src/trainer/ready-note.ts';
import { testFolder } from './support.ts';

const prepare = (run: string): Promise<PreparedEnvironment> =>
  ensurePrepared({
    envsRoot: join(mkdtempSync(join(testFolder, 'changes-')), 'envs'),
    prepare: { run, seconds: 20 },
    inputs: [],
    cwd: '.',
    checkout: () => Promise.resolve(),
    packageRoot: '/package',
    say: () => undefined,
  });
const shard = 'echo one > "$AUTORESEARCH_DATA/shard"';

it('data is unchanged until somebody writes to it, whatever they do about its times', async () => {
  const prepared = await prepare(shard);
  const path = join(prepared.data, 'shard');
  expect(await isDataChanged(prepared)).toBe(false);
  chmodSync(path, 0o644);
  writeFileSync(path, 'two\n');
  utimesSync(path, 1, 1);
  expect(await isDataChanged(prepared)).toBe(true);
});

it('what was touched only is read once, and then known by its new times', async () => {
  const prepared = await prepare(shard);
  utimesSync(join(prepared.data, 'shard'), 1, 1);
  expect(await isDataChanged(prepared)).toBe(false);
  expect(readReady(prepared.root)?.stamp).not.toBe(prepared.stamp);
});

it('data of an older version, which has no stamp, is read and gets one', async () => {
  const { stamp, ...old } = await prepare(shard);
  writeReady(old.root, { dataHash: old.dataHash, at: old.at });
  expect(await isDataChanged(old)).toBe(false);
  expect(readReady(old.root)?.stamp).toBe(stamp);
});

it.each([
  ['a file that came', (data: string) => writeFileSync(join(data, 'more'), '')],
  ['a file that went', (data: string) => rmSync(join(data, 'shard'))],
  [
    'a file put in the place of another',
    (data: string) => {
      rmSync(join(data, 'shard'));
      symlinkSync('/dev/null', join(data, 'shard'));
    },
  ],
  ['data that is gone', (data: string) => rmSync(data, { recursive: true })],
])('%s is a change', async (_what, change) => {
  const prepared = await prepare(shard);
  chmodSync(prepared.data, 0o755);
  change(prepared.data);
  expect(await isDataChanged(prepared)).toBe(true);
});

it('a file that a link leads to counts as one of the data', async () => {
  const corpus = join(mkdtempSync(join(testFolder, 'corpus-')), 'corpus');
  writeFileSync(corpus, 'one');
  const prepared = await prepare(`ln -s ${corpus} "$AUTORESEARCH_DATA/shard"`);
  expect(await isDataChanged(prepared)).toBe(false);
  writeFileSync(corpus, 'two');
  expect(await isDataChanged(prepared)).toBe(true);
});

it('a preparation that was given up, or made anew since, is another, whatever its note says of the data', async () => {
  const prepared = await prepare(shard);
  writeReady(prepared.root, { ...prepared, at: new Date(0).toISOString() });
  expect(await isDataChanged(prepared)).toBe(true);
  discardPrepared(prepared.root);
  expect(await isDataChanged(prepared)).toBe(true);
  expect(readFileSync(join(prepared.data, 'shard'), 'utf8')).toBe('one\n');
});
