import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { diskFinding, doctorLines } from '../../src/cli/doctor.ts';
import { run } from './fakes.ts';

const home = process.env['AUTORESEARCH_HOME'];
const root = mkdtempSync(join(tmpdir(), 'autoresearch-doctor-'));
afterEach(() => {
  if (home === undefined) delete process.env['AUTORESEARCH_HOME'];
  else process.env['AUTORESEARCH_HOME'] = home;
  rmSync(root, { recursive: true, force: true });
});

it('shows what sessions take of the disk, the largest first, and counts the rest', async () => {
  process.env['AUTORESEARCH_HOME'] = root;
  for (const [k, session] of ['four', 'three', 'two', 'one'].entries()) {
    mkdirSync(join(root, 'trials', session, '1', '1'), { recursive: true });
    writeFileSync(join(root, 'trials', session, '1', '1', 'train.log'), Buffer.alloc((k + 1) * 1_100_000, 1));
  }
  const { out } = await run(['doctor']);
  const line = out.slice(out.indexOf('ok       sessions')).replaceAll(/\s+/g, ' ');
  expect(line).toMatch(/^ok sessions 11 MB in .*\/trials: one 4 MB, two 3 MB, three 2 MB, and 1 other/);
  expect(Math.max(...out.split('\n').map((one) => one.length))).toBeLessThanOrEqual(80);
});

it('says that nothing is stored where nothing is', async () => {
  process.env['AUTORESEARCH_HOME'] = root;
  expect((await run(['doctor'])).out).toContain('ok       sessions         nothing stored');
});

it('warns of a disk that is nine tenths full, and calls for room where there is too little', () => {
  const disk = { totalBytes: 100e9, freeBytes: 20e9, usedShare: 0.8 };
  expect(diskFinding(disk)).toMatchObject({ ok: true, found: '20.0 GB free, 80 % full' });
  const nearly = diskFinding({ ...disk, freeBytes: 9.5e9, usedShare: 0.905 });
  expect(nearly).toMatchObject({ ok: false, needed: false });
  expect(doctorLines([nearly], 80)).toEqual([
    'warning  disk             9.5 GB free, 90 % full; make room before it is full',
    '                          and blocks sessions',
  ]);
  expect(diskFinding({ ...disk, freeBytes: 1e9, usedShare: 0.99 })).toMatchObject({ ok: false, needed: true });
});
