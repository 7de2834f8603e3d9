import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hashFolder } from '../../src/trainer/data-folder.ts';
import {
  endAbandonedPreparations,
  ensurePrepared,
  PrepareFailed,
  type Preparation,
} from '../../src/trainer/environment-store.ts';
import { listProcesses } from '../../src/trainer/process-table.ts';
import { eventually, testFolder } from './support.ts';

function make(run: string | undefined, changes: Partial<Preparation> = {}): Preparation & { journal: string } {
  const envsRoot = join(mkdtempSync(join(testFolder, 'store-')), 'envs');
  const journal = join(envsRoot, '..', 'journal');
  return {
    envsRoot,
    journal,
    prepare: run === undefined ? undefined : { run: `echo run >> ${journal}; ${run}`, seconds: 20 },
    inputs: ['1234 prepare.py'],
    cwd: 'task',
    checkout: (folder) => {
      mkdirSync(join(folder, 'task'));
      writeFileSync(join(folder, 'task', 'input.txt'), 'input');
      return Promise.resolve();
    },
    packageRoot: '/package',
    say: () => undefined,
    ...changes,
  };
}
const runs = ({ journal }: { journal: string }): number => readFileSync(journal, 'utf8').split('run').length - 1;

test('prepares in the task folder of a checkout, once', async () => {
  const preparation = make(
    `mkdir -p "$AUTORESEARCH_ENV/bin"; cp input.txt "$AUTORESEARCH_DATA/a.txt"; echo "$AUTORESEARCH_PACKAGE" > "$AUTORESEARCH_ENV/package"`,
  );
  const first = await ensurePrepared(preparation);
  expect(readFileSync(join(first.data, 'a.txt'), 'utf8')).toBe('input');
  expect(readFileSync(join(first.env, 'package'), 'utf8')).toBe('/package\n');
  expect(existsSync(join(first.root, 'checkout'))).toBe(false);
  expect(await ensurePrepared(preparation)).toEqual(first);
  expect(runs(preparation)).toBe(1);
});

test('other inputs are another environment; the same data has the same hash', async () => {
  const preparation = make('echo same > "$AUTORESEARCH_DATA/a"');
  const first = await ensurePrepared(preparation);
  const second = await ensurePrepared({ ...preparation, inputs: ['5678 prepare.py'] });
  expect(second.root).not.toBe(first.root);
  expect(second.dataHash).toBe(first.dataHash);
});

test('data is closed to writing', async () => {
  const { data } = await ensurePrepared(make('mkdir "$AUTORESEARCH_DATA/d"; echo x > "$AUTORESEARCH_DATA/d/a"'));
  for (const path of ['', 'd', 'd/a']) expect(statSync(join(data, path)).mode & 0o222).toBe(0);
});

test('a task without `prepare` has an empty data folder', async () => {
  const { data, dataHash } = await ensurePrepared(make(undefined));
  expect(existsSync(data)).toBe(true);
  expect(dataHash).toBe(await hashFolder(data));
});

test('says what goes on, and what failed, in the last lines of the command; then tries again from nothing', async () => {
  const said: string[] = [];
  const command = 'test -e "$AUTORESEARCH_ENV" && exit 9; mkdir "$AUTORESEARCH_ENV"; echo no numpy >&2; exit 4';
  const preparation = make(command, { say: (text) => said.push(text) });
  const failing = ensurePrepared(preparation);
  await expect(failing).rejects.toThrow(PrepareFailed);
  await expect(failing).rejects.toThrow(/ended with code 4.*no numpy/s);
  expect(said).toContain('no numpy');
  await expect(ensurePrepared(preparation)).rejects.toThrow(/code 4/); // and not 9: nothing was left over
});

test('a preparation has a time limit', async () => {
  const preparation = make('sleep 60');
  const prepare = { run: 'sleep 60', seconds: 0.3 };
  await expect(ensurePrepared({ ...preparation, prepare })).rejects.toThrow(/longer than its 0.3 s/);
});

test('two workers at once prepare once', async () => {
  const preparation = make('sleep 0.3; echo x > "$AUTORESEARCH_DATA/a"');
  const said: string[] = [];
  const both = await Promise.all([
    ensurePrepared(preparation),
    ensurePrepared({ ...preparation, say: (text) => said.push(text) }),
  ]);
  expect(both[0]).toEqual(both[1]);
  expect(runs(preparation)).toBe(1);
  expect(said.join()).toContain('waiting');
});

test('a preparation whose worker was killed is ended, removed and made again', async () => {
  const slow = 'test -e "$AUTORESEARCH_PACKAGE/fast" || { touch "$AUTORESEARCH_DATA/half"; sleep 60; }';
  const packageRoot = mkdtempSync(join(testFolder, 'package-'));
  const preparation = make(slow, { packageRoot, cwd: '.' });
  const program = fileURLToPath(new URL('../fixtures/trainer/preparing.ts', import.meta.url));
  const worker = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(preparation)]);
  const orphans = (): number =>
    listProcesses().filter((found) => found.carries([`AUTORESEARCH_PACKAGE=${packageRoot}`])).length;
  await eventually(() => orphans() > 0);
  worker.kill('SIGKILL');
  await once(worker, 'close');
  expect(orphans()).toBeGreaterThan(0);
  writeFileSync(join(packageRoot, 'fast'), '');
  const checkout = (): Promise<void> => {
    expect(orphans()).toBe(0); // else it could still write into what is made now
    return Promise.resolve();
  };
  const { data } = await ensurePrepared({ ...preparation, checkout });
  expect(existsSync(join(data, 'half'))).toBe(false);
});

test('what a killed worker was preparing is ended when nobody prepares it any more, and not before', async () => {
  const packageRoot = mkdtempSync(join(testFolder, 'package-'));
  const preparation = make('sleep 60', { packageRoot, cwd: '.' });
  const program = fileURLToPath(new URL('../fixtures/trainer/preparing.ts', import.meta.url));
  const worker = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(preparation)]);
  const preparing = (): number =>
    listProcesses().filter((found) => found.carries([`AUTORESEARCH_PACKAGE=${packageRoot}`])).length;
  await eventually(() => preparing() > 0);
  expect(await endAbandonedPreparations(preparation.envsRoot)).toEqual([]);
  expect(preparing()).toBeGreaterThan(0);
  worker.kill('SIGKILL');
  await once(worker, 'close');
  expect(preparing()).toBeGreaterThan(0);
  const [folder] = await endAbandonedPreparations(preparation.envsRoot);
  expect(dirname(folder ?? '')).toBe(preparation.envsRoot);
  expect(preparing()).toBe(0);
});

test('half a preparation with read-only data is removed as well', async () => {
  const preparation = make('mkdir "$AUTORESEARCH_DATA/d"; echo x > "$AUTORESEARCH_DATA/d/a"');
  const { root, data } = await ensurePrepared(preparation);
  writeFileSync(join(root, 'ready.json'), '{"dataHash": ');
  chmodSync(data, 0o555);
  expect((await ensurePrepared(preparation)).root).toBe(root);
  expect(runs(preparation)).toBe(2);
});
