// A person moves the kept line in their own repo while a session runs: what the activities answer and leave in git.
import { expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { keptRef } from '../../src/domain/names.ts';
import { verify } from '../../src/domain/verify.ts';
import { git } from '../../src/git/git.ts';
import { pushRefs } from '../../src/git/push.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { at, commitFiles } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

/** A session with one keep, pushed; and its person at work on the kept branch. */
async function keptAndPushed(task = taskFile('true')) {
  const workshop = await createWorkshop({ 'autoresearch.yaml': task, 'score.py': '1' });
  const { clone, repo, propose, record, commit } = workshop;
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  const baseline: LedgerEvent = { version: 1, kind: 'baseline', at: AT, commit: contract.base, trials: [] };
  await record({ contract, index: 1, event: baseline });
  const proposeFrom = (experiment: number, base: string) =>
    propose({ contract, experiment, base, proposer: 'search', rebase: false, at: AT });
  const keep = async (experiment: number, base: string) => {
    const made = await proposeFrom(experiment, base);
    if (made.kind !== 'proposal') return made;
    const candidate = made.candidate;
    const end = { noise: null, incumbent: { commit: base, value: 1.1 }, rule: 'greedy', startedAt: AT, endedAt: AT };
    const what = { verdict: 'keep', reason: 'r', hypothesis: '', value: 1, gain: 0.1 } as const;
    return commit({ contract, tip: base, record: { experiment, base, candidate, trials: [], ...what, ...end } });
  };
  const push = () => pushRefs({ clone, origin: repo, tag: contract.tag, what: 'all', timeoutSeconds: 60 });
  const kept = await keep(1, contract.base);
  if (kept.kind !== 'committed') throw new Error('not kept');
  await push();
  const proved = async () => verify(await readFacts(clone, contract.tag)).findings;
  const moveTo = (from: string, to: string, after: number) =>
    record({ contract, index: 2, event: { version: 1, kind: 'moved', at: AT, from, to, after, trials: [] } });
  return { ...workshop, contract, tip: kept.tip, keep, proposeFrom, push, proved, moveTo };
}

async function personCommits(repo: string, files: Record<string, string>): Promise<string> {
  await git(repo, ['checkout', '--quiet', 'autoresearch/night']);
  const theirs = await commitFiles(repo, files);
  await git(repo, ['checkout', '--quiet', 'main']);
  return theirs;
}

it('answers both commits where the person put a commit of their own on it, and goes on from there once recorded', async () => {
  const { repo, clone, tip, keep, proposeFrom, push, proved, moveTo } = await keptAndPushed();
  const theirs = await personCommits(repo, { 'train.py': 'LEARNING_RATE = 0.7\nMOMENTUM = 0.5\n' });
  expect(await proposeFrom(2, tip)).toMatchObject({ kind: 'proposal' }); // nobody has looked yet
  expect((await push()).notes).toEqual([expect.stringContaining(`found ${theirs}`)]);
  const moved = { kind: 'moved', expected: tip, found: theirs };
  expect(await proposeFrom(3, tip)).toEqual(moved);
  expect(await keep(2, tip)).toEqual(moved);
  expect(await proved()).toEqual([]);
  for (const _ of 'twice') await moveTo(tip, theirs, 1);
  expect(await at(clone, keptRef('night'))).toBe(theirs);
  expect(await proved()).toEqual([]);
  const kept = await keep(2, theirs);
  expect(kept.kind).toBe('committed');
  expect((await push()).notes).toEqual([]);
  expect(await at(repo, keptRef('night'))).toBe(await at(clone, keptRef('night')));
  expect(await git(repo, ['log', '--format=%s', `${theirs}..autoresearch/night`])).toMatch(/^LEARNING_RATE|^MOMENTUM/);
  expect(await proved()).toEqual([]);
});

it('goes on from an older commit of ours that the person set it back to, and pushes what comes after', async () => {
  const { repo, contract, tip, keep, proposeFrom, push, proved, moveTo } = await keptAndPushed();
  await git(repo, ['update-ref', keptRef('night'), contract.base]);
  await push();
  expect(await proposeFrom(2, tip)).toEqual({ kind: 'moved', expected: tip, found: contract.base });
  await moveTo(tip, contract.base, 1);
  expect((await keep(2, contract.base)).kind).toBe('committed');
  expect(await push()).toMatchObject({ notes: [], pushed: expect.arrayContaining([keptRef('night')]) });
  expect(await proved()).toEqual([]);
});

it('goes on at once when the person sets the line back, without waiting for the next push', async () => {
  const { repo, tip, proposeFrom, push } = await keptAndPushed();
  await personCommits(repo, { 'train.py': 'LEARNING_RATE = 0.7\nMOMENTUM = 0.5\n' });
  await push();
  expect(await proposeFrom(2, tip)).toMatchObject({ kind: 'moved' });
  await git(repo, ['update-ref', keptRef('night'), tip]);
  expect(await proposeFrom(2, tip)).toMatchObject({ kind: 'proposal' });
});

it('sees a line that was moved in the home clone itself', async () => {
  const { clone, contract, tip, proposeFrom } = await keptAndPushed();
  await git(clone, ['update-ref', keptRef('night'), contract.base]);
  expect(await proposeFrom(2, tip)).toEqual({ kind: 'moved', expected: tip, found: contract.base });
});

it('takes a file that a pattern fits only now for a protected one', async () => {
  const { contract, repo, tip, proposeFrom, push } = await keptAndPushed(
    taskFile('true').replace('[train.py]', '["t*.py"]'),
  );
  expect(contract.task.editable).toEqual(['train.py']);
  await personCommits(repo, { 'train.py': 'LEARNING_RATE = 0.7\nMOMENTUM = 0.5\n' });
  await push();
  const moved = await proposeFrom(2, tip);
  expect(moved).toMatchObject({ kind: 'moved' });
  expect(moved).not.toHaveProperty('problem');
  await personCommits(repo, { 'tools.py': '' });
  expect(await proposeFrom(2, tip)).toMatchObject({ problem: expect.stringContaining('files that are not editable') });
});

it('says why a commit of the person is of another task', async () => {
  const { repo, tip, proposeFrom, push } = await keptAndPushed();
  await personCommits(repo, { 'score.py': '2' });
  await push();
  expect(await proposeFrom(2, tip)).toMatchObject({ problem: expect.stringContaining('files that are not editable') });
  await personCommits(repo, { 'autoresearch.yaml': 'name: [' });
  expect(await proposeFrom(2, tip)).toMatchObject({ problem: expect.stringContaining('autoresearch.yaml') });
});

it("is blocked when the line moves once more while the person's commit is measured", async () => {
  const { clone, contract, tip, moveTo } = await keptAndPushed();
  const [theirs, elsewhere] = ['mine', 'other'].map((text) =>
    git(clone, ['commit-tree', '-p', contract.base, '-m', text, `${contract.base}^{tree}`]),
  );
  await git(clone, ['update-ref', keptRef('night'), (await elsewhere) ?? '']);
  await expect(moveTo(tip, (await theirs) ?? '', 1)).rejects.toThrow(/once more: set it to/);
});

it('a recorded move that began elsewhere than the line was is named by `verify`', async () => {
  const { clone, contract, tip, moveTo, proved } = await keptAndPushed();
  await git(clone, ['update-ref', keptRef('night'), contract.base]);
  const nowhere = '0'.repeat(40);
  await moveTo(nowhere, contract.base, 1);
  const problem = `Expected events/2-moved.json to move the line from ${tip}, where it was, got ${nowhere}.`;
  expect(await proved()).toEqual([{ check: 'events', problem }]);
});

it('names the line to a session that is behind its ledger, set back to before a move that was recorded', async () => {
  const { clone, contract, tip, moveTo, proposeFrom } = await keptAndPushed();
  await git(clone, ['update-ref', keptRef('night'), contract.base]);
  await moveTo(tip, contract.base, 1);
  // The origin still has what we pushed last: that is no move of anybody's.
  expect(await proposeFrom(2, contract.base)).toMatchObject({ kind: 'proposal' });
  expect(await proposeFrom(3, tip)).toEqual({ kind: 'moved', expected: tip, found: contract.base });
});
