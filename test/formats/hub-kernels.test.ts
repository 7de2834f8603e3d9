import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kernelLines, kernelNames } from '../../src/formats/hub-kernels.ts';
import { projectFiles } from '../support/project-files.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'autoresearch-kernels-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const hubOf = (name: string): string => join(folder, name, 'huggingface/hub');

/** Runs the lines for a script that names these kernels, beside the fixture's hub; `mine` is the person's cache. */
function bring(names: readonly string[]) {
  writeFileSync(join(folder, 'kernels.py'), projectFiles('karpathy')['kernels.py'] ?? '');
  const script = names.map((name) => `get_kernel(${JSON.stringify(name)})`).join('\n');
  const env = { PATH: process.env['PATH'], XDG_CACHE_HOME: join(folder, 'mine'), AUTORESEARCH_ENV: folder };
  const run = ['set -e', ...kernelLines(script, 'python3')].join('\n');
  const { status, stderr } = spawnSync('bash', ['-c', run], { cwd: folder, env, encoding: 'utf8' });
  return { status, stderr, hub: existsSync(hubOf('.cache')) ? readdirSync(hubOf('.cache')) : [] };
}

/** A repo in the person's cache, as the hub's package keeps one: snapshots are links. */
function have(repo: string): void {
  const [blobs, snapshot] = [join(hubOf('mine'), repo, 'blobs'), join(hubOf('mine'), repo, 'snapshots/1')];
  for (const path of [blobs, snapshot]) mkdirSync(path, { recursive: true });
  writeFileSync(join(blobs, 'a'), 'theirs');
  symlinkSync('../../blobs/a', join(snapshot, 'kernel.py'));
}

test('a script’s kernels are the names in it, where it asks the hub at all; nothing else is taken for one', () => {
  const script = `repo = "varunneal/fa-3" if cap == (9, 0) else 'kernels-community/flash-attn3'\nget_kernel(repo)\n`;
  expect(kernelNames(script)).toEqual(['varunneal/fa-3', 'kernels-community/flash-attn3']);
  expect(kernelNames(script.replace('get_kernel', 'print'))).toEqual([]);
  const hostile = ["'a/b; rm -rf c'", '"a/b$(c)"', '"../b"', '"a/b/c"', `"a/b'c"`, '"-a/b"', '"a/b\\n"'];
  expect(kernelNames(`get_kernel(x)\n${hostile.join('\n')}`)).toEqual([]);
  expect(kernelLines('import torch', 'python3')).toEqual([]);
});

test('takes what the person has, links as links, and of the rest what the hub has', () => {
  have('models--mine--old');
  have('kernels--mine--new');
  expect(bring(['mine/old', 'mine/new', 'tiny/steps', 'not/there'])).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('the hub has no not/there'),
    hub: ['kernels--mine--new', 'models--mine--old', 'models--tiny--steps'],
  });
  expect(lstatSync(join(hubOf('.cache'), 'models--mine--old/snapshots/1/kernel.py')).isSymbolicLink()).toBe(true);
  expect(readdirSync(hubOf('mine')).toSorted()).toEqual(['kernels--mine--new', 'models--mine--old']);
});

test('fails with a word where there is none of them anywhere', () => {
  expect(bring(['not/there'])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/Expected one of the kernels that train\.py names in ~\/\.cache\/huggingface/),
  });
});
