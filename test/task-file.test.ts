import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { git } from '../src/git/git.ts';
import { readTask, taskPathIn } from '../src/task-file.ts';
import { commitFiles, newFolder, newRepo } from './git/sandbox.ts';

const TASK = (editable: string): string =>
  `name: net\neditable: [${editable}]\ntrain: { run: python train.py }\nmetric: { name: loss }\n`;

async function repoWith(editable: string): Promise<string> {
  const repo = await newRepo();
  await commitFiles(repo, {
    'autoresearch.yaml': TASK(editable),
    'src/net.py': '',
    'train.py': '',
    'link.py': { link: 'train.py' },
  });
  await writeFile(join(repo, 'new.py'), '');
  return repo;
}

const problem = async (repo: string, path = 'autoresearch.yaml'): Promise<string> =>
  readTask(repo, await git(repo, ['rev-parse', 'HEAD']), path).then(
    () => 'none',
    (error: unknown) => String(error),
  );

it.each([
  ['link.py', 'link.py, which is a symbolic link; name the file that it leads to.'],
  ['src', 'src, which is a folder; name the files in it, or `src/**`.'],
  ['new.py', 'new.py, which is not committed; commit it first.'],
  ['nothere.py', 'nothere.py, which is not there.'],
])('says why %s cannot be edited', async (editable, text) => {
  expect(await problem(await repoWith(editable))).toContain(`to be a committed file, got ${text}`);
});

const frozen = async (repo: string, path = 'autoresearch.yaml'): Promise<readonly string[]> =>
  (await readTask(repo, await git(repo, ['rev-parse', 'HEAD']), path)).task.editable;

it('freezes the files that a pattern fits, each once; no link, nothing uncommitted, never the task file', async () => {
  const repo = await repoWith('train.py, "**"');
  expect(await frozen(repo)).toEqual(['train.py', 'src/net.py']);
  const below = await newRepo();
  await commitFiles(below, { 'a/task.yaml': TASK('"*/*.py"'), 'a/src/b.py': '', 'a/src/c/d.py': '', 'src/e.py': '' });
  expect(await frozen(below, 'a/task.yaml')).toEqual(['src/b.py']);
});

it('names each pattern that fits no file, and one that fits too many', async () => {
  const repo = await repoWith('"lib/**", train.py, "src/*.rs"');
  const said = await problem(repo);
  for (const part of [
    '`editable.0` in autoresearch.yaml to fit committed files, got "lib/**", which fits none',
    '`editable.2`',
  ])
    expect(said).toContain(part);
  expect(said).not.toContain('`editable.1`');
  await commitFiles(repo, {
    'autoresearch.yaml': TASK('"many/*"'),
    ...Object.fromEntries(Array.from({ length: 201 }, (_, k) => [`many/${k}.py`, ''])),
  });
  expect(await problem(repo)).toContain('to fit at most 200 files, got "many/*", which fits 201; name fewer.');
});

it('takes a file by its name also where that looks like a pattern', async () => {
  const repo = await newRepo();
  await commitFiles(repo, { 'autoresearch.yaml': TASK('"what?.py"'), 'what?.py': '', 'whats.py': '' });
  expect(await frozen(repo)).toEqual(['what?.py']);
});

it('names what is no text', async () => {
  const repo = await newRepo();
  await writeFile(join(repo, 'logo.png'), Buffer.from([0x89, 0xff, 0xfe]));
  await commitFiles(repo, { 'autoresearch.yaml': TASK('"*.p*"') });
  expect(await problem(repo)).toContain('`editable` in autoresearch.yaml to be texts, got logo.png, which is none.');
});

it('takes paths that begin with ./', async () => {
  expect(await problem(await repoWith('./train.py, src/./net.py'))).toBe('none');
});

const input = (path: string): string => `${TASK('train.py')}prepare: { run: make, inputs: [${path}] }\n`;

it('takes inputs of `prepare` from above the task’s folder, and none from outside the repo', async () => {
  const repo = await newRepo();
  await commitFiles(repo, {
    'uv.lock': '',
    'shared/text.py': '',
    'tasks/net/train.py': '',
    'tasks/net/good.yaml': input('../../uv.lock, ./../../shared/text.py'),
    'tasks/net/bad.yaml': input('../../../uv.lock'),
  });
  expect(await problem(repo, 'tasks/net/good.yaml')).toBe('none');
  expect(await problem(repo, 'tasks/net/bad.yaml')).toContain(
    '`prepare.inputs.0` in tasks/net/bad.yaml to be a committed file, got ../uv.lock, which is not there.',
  );
});

it('tells a task file that is not committed from one that is not there', async () => {
  const repo = await repoWith('train.py');
  await mkdir(join(repo, 'other'));
  await writeFile(join(repo, 'other', 'task.yaml'), TASK('train.py'));
  expect(await problem(repo, 'other/task.yaml')).toContain('got one that is not committed; commit it first: git add');
  expect(await problem(repo, 'nothere.yaml')).toContain('got none; write one with `npx autoresearch init`');
  // A bare clone has files of its own, which are none of the repo's.
  const bare = await newFolder();
  await git(repo, ['clone', '--quiet', '--bare', repo, bare]);
  expect(await problem(bare, 'config')).toContain('got none; write one');
});

it('understands how a person names a task file', () => {
  expect(taskPathIn('/home/me/net', './tasks//a.yaml')).toBe('tasks/a.yaml');
  expect(taskPathIn('/home/me/net', '/home/me/net/tasks/a.yaml')).toBe('tasks/a.yaml');
});
