import { expect, it } from 'vitest';
import { keptRef, pushedRef, theirKeptRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { findForeignTip } from '../../src/git/kept-line.ts';
import { withWriter } from '../../src/git/writer.ts';
import { commitFiles, newSession } from './sandbox.ts';

const TAG = 'night';

/** A home clone whose line went from one commit to the next, and whose origin still has the first. */
async function lineOfTwo() {
  const { clone, origin, base } = await newSession();
  const next = await commitFiles(origin, { 'train.py': 'LEARNING_RATE = 0.002\n' });
  await git(clone, ['fetch', '--quiet', origin, next]);
  const set = (ref: string, commit: string) => git(clone, ['update-ref', ref, commit]);
  await set(keptRef(TAG), next);
  await set(theirKeptRef(TAG), base);
  await set(pushedRef(TAG), base);
  return { clone, base, next, set };
}

it('takes a push that is just being noted for nobody else’s move', async () => {
  const { clone, next, set } = await lineOfTwo();
  let found: Promise<string | undefined> | undefined;
  await withWriter(clone, async () => {
    await set(pushedRef(TAG), next); // the second ref is not there yet
    found = findForeignTip(clone, TAG);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await set(theirKeptRef(TAG), next);
  });
  expect(await found).toBeUndefined();
});

it('finds a line that somebody set back after it was pushed', async () => {
  const { clone, base, next, set } = await lineOfTwo();
  await set(pushedRef(TAG), next);
  expect(await findForeignTip(clone, TAG)).toBe(base);
});

it('calls no line moved whose push is still on its way', async () => {
  const { clone } = await lineOfTwo();
  expect(await findForeignTip(clone, TAG)).toBeUndefined();
});
