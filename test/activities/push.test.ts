import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createPusher, type Pusher } from '../../activities/push.ts';
import { ledgerRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { commitOf } from '../../src/git/home-clone.ts';
import { until } from '../support/until.ts';
import { pushesToDo } from '../../src/git/to-push.ts';
import { writeFiles } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

let pusher: Pusher | undefined;
afterEach(() => pusher?.stop());

const linesOf = async (path: string): Promise<number> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').length - 1;

async function opened() {
  const { repo, state, clone, open } = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const contract = await open({ session: 'night', input: {}, at: AT });
  const notes: string[] = [];
  pusher = createPusher((text) => notes.push(text));
  const landed = () => commitOf(repo, `refs/autoresearch/${contract.tag}/ledger`).catch(() => undefined);
  const left = () => pushesToDo(state.repos, () => {}).map(({ what }) => what.tag);
  return { repo, state, clone, contract, notes, pusher, landed, left };
}

it('pushes in the background, however often it is asked', async () => {
  const { clone, contract, notes, landed, pusher: pushes } = await opened();
  for (let time = 0; time < 5; time++) pushes.pushLater(clone, contract);
  await until(landed);
  expect(notes).toEqual([]);
});

it('notes an origin that is away, stops nothing, and lands when it is back', async () => {
  const { repo, clone, contract, notes, landed, pusher: pushes } = await opened();
  await rename(repo, `${repo}-away`);
  pushes.pushLater(clone, contract);
  await until(() => notes.length > 0);
  expect(notes[0]).toMatch(/not push/);
  await rename(`${repo}-away`, repo);
  await until(landed);
});

it('notes an origin that refuses, in its own words and once, and lands when it does not any more', async () => {
  const { repo, clone, contract, notes, landed, pusher: pushes, left } = await opened();
  const hook = join(repo, '.git', 'hooks', 'pre-receive');
  await writeFiles(repo, { '.git/hooks/pre-receive': { exec: '#!/bin/sh\necho not tonight\nexit 1\n' } });
  await pushes.pushNow(clone, contract);
  expect(notes).toContain(
    `The origin refused refs/heads/autoresearch/night: [remote rejected] (pre-receive hook declined): not tonight.`,
  );
  const once = notes.length;
  await pushes.pushNow(clone, contract);
  expect(notes).toHaveLength(once);
  expect(left()).toEqual(['night']);
  await rm(hook);
  await until(landed);
  await until(() => left().length === 0);
});

it('waits for nobody while an origin is slow, and one push goes after the other', async () => {
  const { repo, clone, contract, notes, landed, pusher: pushes } = await opened();
  const slow = 'echo push >>pushes; until [ -e go ]; do sleep 0.1; done';
  await writeFiles(repo, { '.git/hooks/pre-receive': { exec: `#!/bin/sh\n${slow}\n` } });
  pushes.pushLater(clone, contract);
  await until(async () => (await linesOf(join(repo, '.git', 'pushes'))) === 1);
  for (let time = 0; time < 5; time++) pushes.pushLater(clone, contract);
  expect(await landed()).toBeUndefined();
  expect(await linesOf(join(repo, '.git', 'pushes'))).toBe(1);
  await writeFile(join(repo, '.git', 'go'), '');
  await until(landed);
  expect(notes).toEqual([]);
});

it("tries a push of a session's end again when it did not land", async () => {
  const { repo, clone, contract, notes, landed, pusher: pushes } = await opened();
  await rename(repo, `${repo}-away`);
  await pushes.pushNow(clone, contract);
  expect(notes).not.toEqual([]);
  await rename(`${repo}-away`, repo);
  await until(landed);
});

it('pushes what an earlier worker left, and then knows that nothing is left', async () => {
  const { repo, state, clone, contract, notes, landed, pusher: pushes, left } = await opened();
  await rename(repo, `${repo}-away`);
  await pushes.pushNow(clone, contract);
  pushes.stop();
  await rename(`${repo}-away`, repo);
  expect(left()).toEqual([contract.tag]);
  pusher = createPusher((text) => notes.push(text));
  pusher.pushLeft(state.repos);
  await until(landed);
  await until(() => left().length === 0);
});

it('does not bring back what a person has deleted at the origin', async () => {
  const { repo, state, clone, contract, landed, pusher: pushes, left } = await opened();
  await pushes.pushNow(clone, contract);
  await git(repo, ['update-ref', '-d', ledgerRef(contract.tag)]);
  expect(left()).toEqual([]);
  pushes.pushLeft(state.repos);
  expect(await landed()).toBeUndefined();
});

it('pushes nothing when the person wants none', async () => {
  const { clone, contract, landed, pusher: pushes } = await opened();
  await pushes.pushNow(clone, { ...contract, push: 'none' });
  expect(await landed()).toBeUndefined();
});
