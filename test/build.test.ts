// What was built counts only while it says what the sources say.
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../src/config.ts';

let clone = '';
beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'build-test-'));
  const names = ['bin', 'src', 'workflows', 'activities', 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
  for (const name of names) cpSync(join(packageRoot(), name), join(clone, name), { recursive: true });
  symlinkSync(join(packageRoot(), 'node_modules'), join(clone, 'node_modules'));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

const build = () => execa('node', ['bin/build.mjs'], { cwd: clone });
const isBuilt = async (): Promise<boolean> => {
  const { isBuilt: ask } = (await import(join(packageRoot(), 'bin/built.mjs'))) as { isBuilt: (at: string) => boolean };
  return ask(clone);
};
/** What the command calls itself: it says so in a text of its sources, which the test changes. */
const help = async (): Promise<string> =>
  (await execa('node', ['bin/autoresearch.js', '--help'], { cwd: clone })).stdout;

test('runs what was built while it is current, the sources after an edit, and two builds at once are as good as one', async () => {
  expect(await isBuilt()).toBe(false);
  expect(await help()).toContain('autoresearch');
  await Promise.all([build(), build()]);
  expect(await isBuilt()).toBe(true);
  const parts = [
    'src/cli/main.js',
    'src/worker.js',
    'workflows/index.js',
    'supervisor.mjs',
    'workflow-bundle.js',
    'src/proposer/gate/gate.py',
  ];
  expect(parts.filter((name) => !existsSync(join(clone, 'dist', name)))).toEqual([]);
  // The build is what runs: with another word in it, that word is what people read.
  const built = join(clone, 'dist/src/cli/main.js');
  await execa('sed', ['-i', 's/autoresearch/marked/g', built]);
  expect(await help()).toContain('marked');

  // A file that keeps its old time is an edit nevertheless, and so is one that is gone.
  const old = new Date(0);
  writeFileSync(join(clone, 'src/new.ts'), '');
  utimesSync(join(clone, 'src/new.ts'), old, old);
  expect(await isBuilt()).toBe(false);
  expect(await help()).not.toContain('marked');
  await build();
  renameSync(join(clone, 'src/new.ts'), join(clone, 'new.ts'));
  expect(await isBuilt()).toBe(false);
}, 120_000);
