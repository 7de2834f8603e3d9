// propose, commit, revert and record on a real repo, each run twice: same refs, same ledger.
import { expect, it } from 'vitest';
import type { EndedExperiment } from '../../activities/contract.ts';
import { git } from '../../src/git/git.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { readFiles } from '../../src/git/tree.ts';
import { AT, createWorkshop, taskFile, type Workshop } from './workshop.ts';

const later = '2026-11-23T20:01:00.000Z';

async function opened(): Promise<Workshop & { contract: Awaited<ReturnType<Workshop['open']>> }> {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  await workshop.record({
    contract,
    index: 1,
    event: { version: 1, kind: 'baseline', at: AT, commit: contract.base, trials: [] },
  });
  return { ...workshop, contract };
}

const refsOf = (clone: string): Promise<string> => git(clone, ['for-each-ref', 'refs/heads', 'refs/autoresearch']);

async function proposed(
  workshop: Awaited<ReturnType<typeof opened>>,
  experiment: number,
  base: string,
  rebase = false,
) {
  const answer = await workshop.propose({
    contract: workshop.contract,
    experiment,
    base,
    proposer: 'search',
    rebase,
    at: AT,
  });
  if (answer.kind !== 'proposal') throw new Error(`Expected a proposal, got ${JSON.stringify(answer)}`);
  return answer;
}

function ending(
  workshop: Awaited<ReturnType<typeof opened>>,
  experiment: number,
  candidate: string,
  verdict: 'keep' | 'discard',
): EndedExperiment {
  const { contract } = workshop;
  const record = {
    experiment,
    verdict,
    reason: 'r',
    hypothesis: '',
    base: contract.base,
    candidate,
    trials: [],
    value: 1,
    gain: 0.1,
  };
  const rest = {
    noise: null,
    incumbent: { commit: contract.base, value: 1.1 },
    rule: 'greedy',
    startedAt: AT,
    endedAt: later,
  };
  return { contract, record: { ...record, ...rest } };
}

it('proposes one candidate however often it runs: off every branch, its hypothesis as the subject', async () => {
  const workshop = await opened();
  const { contract, clone, propose } = workshop;
  const input = { contract, experiment: 1, base: contract.base, proposer: 'search', rebase: false, at: AT } as const;
  const first = await propose(input);
  const refs = await refsOf(clone);
  expect(await propose(input)).toEqual(first);
  expect(await refsOf(clone)).toBe(refs);
  if (first.kind !== 'proposal') throw new Error('no proposal');
  expect(await git(clone, ['log', '-1', '--format=%s|%P', first.candidate])).toBe(
    `${first.hypothesis}|${contract.base}`,
  );
  expect(await git(clone, ['diff', '--name-only', contract.base, first.candidate])).toBe('train.py');
});

it('answers only what stands when a run that was thought dead proposes at the same time', async () => {
  const { contract, clone, propose } = await opened();
  const input = { contract, experiment: 1, base: contract.base, proposer: 'search', rebase: false } as const;
  const runs = await Promise.allSettled([propose({ ...input, at: AT }), propose({ ...input, at: later })]);
  const standing = await git(clone, ['rev-parse', `refs/autoresearch/${contract.tag}/1`]);
  const answers = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []));
  expect(answers).not.toEqual([]);
  for (const answer of answers) expect(answer).toMatchObject({ candidate: standing });
  expect(await propose({ ...input, at: later })).toMatchObject({ candidate: standing });
});

it('never proposes the same tree twice, in flight or decided', async () => {
  const workshop = await opened();
  const { contract, clone, revert } = workshop;
  const trees = new Set<string>();
  for (let experiment = 1; experiment <= 12; experiment++) {
    const { candidate } = await proposed(workshop, experiment, contract.base);
    trees.add(await git(clone, ['rev-parse', `${candidate}^{tree}`]));
    if (experiment % 2 === 0) await revert(ending(workshop, experiment, candidate, 'discard'));
  }
  expect(trees.size).toBe(12);
});

it('keeps in one transaction, twice with the same end, and moves the line by its commit alone', async () => {
  const workshop = await opened();
  const { contract, clone, commit } = workshop;
  const { candidate, hypothesis } = await proposed(workshop, 1, contract.base);
  const input = { ...ending(workshop, 1, candidate, 'keep'), tip: contract.base };
  expect(await commit(input)).toEqual({ kind: 'committed', tip: candidate });
  const refs = await refsOf(clone);
  expect(await commit(input)).toEqual({ kind: 'committed', tip: candidate });
  expect(await refsOf(clone)).toBe(refs);
  const ledger = await readLedger(clone, contract.tag);
  expect(ledger?.experiments[0]).toMatchObject({ verdict: 'keep', hypothesis, proposer: 'search', candidate });
  expect(ledger?.experiments[0]?.edit.length).toBeGreaterThan(0);
});

it('says so when somebody else moved the kept line, and writes nothing', async () => {
  const workshop = await opened();
  const { contract, clone, commit } = workshop;
  const { candidate } = await proposed(workshop, 1, contract.base);
  const stranger = await git(clone, ['commit-tree', '-p', contract.base, '-m', 'mine', `${contract.base}^{tree}`]);
  await git(clone, ['update-ref', `refs/heads/autoresearch/${contract.tag}`, stranger]);
  const refs = await refsOf(clone);
  const answer = await commit({ ...ending(workshop, 1, candidate, 'keep'), tip: contract.base });
  expect(answer).toEqual({ kind: 'moved', expected: contract.base, found: stranger });
  expect(await refsOf(clone)).toBe(refs);
});

it('applies a waiting edit to the new incumbent, constants that stand side by side included', async () => {
  const workshop = await opened();
  const { contract, clone } = workshop;
  const one = await proposed(workshop, 1, contract.base);
  const two = await proposed(workshop, 2, contract.base);
  await workshop.commit({ ...ending(workshop, 1, one.candidate, 'keep'), tip: contract.base });
  const answer = await workshop.propose({
    contract,
    experiment: 2,
    base: one.candidate,
    proposer: 'search',
    rebase: true,
    at: later,
  });
  // Seed 1 changes two different constants first, so the second edit has something left to change.
  if (answer.kind !== 'proposal') throw new Error(`Expected a proposal, got ${JSON.stringify(answer)}`);
  expect(answer.base).toBe(one.candidate);
  expect(answer.candidate).not.toBe(two.candidate);
  expect(await git(clone, ['rev-parse', `refs/autoresearch/${contract.tag}/2`])).toBe(answer.candidate);
  const [file] = Object.values(await readFiles(clone, answer.candidate, ['train.py']));
  expect(file).toContain('LEARNING_RATE');
});
