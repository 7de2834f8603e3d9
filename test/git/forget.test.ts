import { expect, it } from 'vitest';
import { candidateRef, keptBranch, keptRef, ledgerRef, pushedRef } from '../../src/domain/names.ts';
import { forgetAtOrigin } from '../../src/git/forget.ts';
import { git } from '../../src/git/git.ts';
import { pushRefs } from '../../src/git/push.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { at, newCandidate, newRecord, newSession } from './sandbox.ts';

/** A session with one kept experiment, all of it at its origin. */
async function pushed() {
  const session = await newSession();
  const { clone, tag, base, origin } = session;
  const candidate = await newCandidate(clone, base, '0.002');
  const record = newRecord(1, { verdict: 'keep', candidate });
  await closeExperiment({ clone, tag, record, keep: { expectedTip: base, newTip: candidate } });
  await pushRefs({ clone, tag, origin, what: 'all', timeoutSeconds: 60 });
  return { ...session, candidate };
}

/** A person's commit on top of another, made in the origin. */
const workOn = (origin: string, parent: string): Promise<string> =>
  git(origin, ['commit-tree', '-p', parent, '-m', 'mine', `${parent}^{tree}`]);

it('removes what was pushed, and nothing of it is no error', async () => {
  const session = await pushed();
  expect(await forgetAtOrigin(session)).toEqual([]);
  expect(await git(session.origin, ['for-each-ref', '--format=%(refname)'])).toBe('refs/heads/main');
  expect(await forgetAtOrigin(session)).toEqual([]);
});

it("keeps a kept line with a person's own commits, and says so", async () => {
  const session = await pushed();
  const { origin, tag, candidate } = session;
  const mine = await workOn(origin, candidate);
  await git(origin, ['update-ref', keptRef(tag), mine]);
  expect(await forgetAtOrigin(session)).toEqual([
    `${keptBranch(tag)} stays in ${origin}: it has commits of somebody else, up to ${mine}.`,
  ]);
  expect(await at(origin, keptRef(tag))).toBe(mine);
  expect(await at(origin, ledgerRef(tag))).toBeUndefined();
  expect(await at(origin, candidateRef(tag, 1))).toBeUndefined();
});

it('removes a line that a person set back, and one that we pushed without noting it', async () => {
  const back = await pushed();
  await git(back.origin, ['update-ref', keptRef(back.tag), back.base]);
  expect(await forgetAtOrigin(back)).toEqual([]);
  const unnoted = await pushed();
  await git(unnoted.clone, ['update-ref', '-d', pushedRef(unnoted.tag)]);
  expect(await forgetAtOrigin(unnoted)).toEqual([]);
  for (const { origin, tag } of [back, unnoted]) expect(await at(origin, keptRef(tag))).toBeUndefined();
});

it('keeps a branch that is checked out', async () => {
  const session = await pushed();
  await git(session.origin, ['checkout', '--quiet', keptBranch(session.tag)]);
  expect(await forgetAtOrigin(session)).toEqual([expect.stringContaining('it is checked out in')]);
  expect(await at(session.origin, keptRef(session.tag))).toBe(session.candidate);
});
