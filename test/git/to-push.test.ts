import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetPush, pushesToDo, rememberPush } from '../../src/git/to-push.ts';
import { newFolder } from './sandbox.ts';

const what = { origin: 'https://me:secret@host/x', tag: 'night', push: 'all' } as const;

async function newClones() {
  const repos = await newFolder();
  for (const name of ['a.git', 'b.git', 'a.git.writer']) await mkdir(join(repos, name));
  const damaged: string[] = [];
  return { repos, clone: join(repos, 'a.git'), damaged, todo: () => pushesToDo(repos, (path) => damaged.push(path)) };
}

it('remembers what is to be pushed until it is forgotten, for its person alone', async () => {
  const { clone, todo } = await newClones();
  expect(todo()).toEqual([]);
  rememberPush(clone, what);
  rememberPush(clone, what);
  expect(todo()).toEqual([{ clone, what }]);
  expect((await stat(join(clone, 'to-push', 'night.json'))).mode & 0o077).toBe(0);
  forgetPush(clone, 'night');
  forgetPush(clone, 'night');
  expect(todo()).toEqual([]);
});

it.each(['', '{', '{"origin":"/x","tag":"other","push":"all"}', '{"origin":"/x","tag":"night","push":"some"}'])(
  'names a damaged file (%j) and leaves it alone',
  async (text) => {
    const { clone, todo, damaged } = await newClones();
    const path = join(clone, 'to-push', 'night.json');
    await mkdir(join(clone, 'to-push'));
    await writeFile(path, text);
    rememberPush(clone, { ...what, tag: 'day' });
    expect(todo()).toEqual([{ clone, what: { ...what, tag: 'day' } }]);
    expect(damaged).toEqual([path]);
    expect(await readFile(path, 'utf8')).toBe(text);
  },
);

it('finds nothing where there are no home clones yet', async () => {
  expect(pushesToDo(join(await newFolder(), 'repos'), () => {})).toEqual([]);
});
