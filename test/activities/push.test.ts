import { rename } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { createPusher, type Pusher } from '../../activities/push.ts';
import { commitOf } from '../../src/git/home-clone.ts';
import { until } from '../support/until.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

let pusher: Pusher | undefined;
afterEach(() => pusher?.stop());

async function opened() {
  const { repo, clone, open } = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const contract = await open({ session: 'night', input: {}, at: AT });
  const notes: string[] = [];
  pusher = createPusher((text) => notes.push(text));
  const landed = () => commitOf(repo, `refs/autoresearch/${contract.tag}/ledger`).catch(() => undefined);
  return { repo, clone, contract, notes, pusher, landed };
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

it('pushes nothing when the person wants none', async () => {
  const { clone, contract, landed, pusher: pushes } = await opened();
  await pushes.pushNow(clone, { ...contract, push: 'none' });
  expect(await landed()).toBeUndefined();
});
