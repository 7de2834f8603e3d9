// What the activities leave in git is what `verify` takes for proof: no rule of one is unknown to the other.
import { expect, it } from 'vitest';
import type { EndedExperiment } from '../../activities/contract.ts';
import type { Verdict } from '../../src/domain/experiment.ts';
import { verify } from '../../src/domain/verify.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

it('a night of keeps, discards, moved proposals, drops and repeats is proved at every step', async () => {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const { clone, propose, commit, revert, record } = workshop;
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  const proved = async () => {
    const { findings, ...seen } = verify(await readFacts(clone, contract.tag));
    expect(findings).toEqual([]);
    return seen;
  };
  const proposed = async (experiment: number, base: string, rebase = false) => {
    const answer = await propose({ contract, experiment, base, proposer: 'search', rebase, at: AT });
    if (answer.kind !== 'proposal') throw new Error(`Expected a proposal, got ${JSON.stringify(answer)}`);
    return answer.candidate;
  };
  const ended = (experiment: number, verdict: Verdict, base: string, candidate: string | null): EndedExperiment => ({
    contract,
    record: {
      experiment,
      verdict,
      base,
      candidate,
      reason: 'r',
      hypothesis: '',
      trials: [],
      value: 1,
      gain: 0.1,
      noise: null,
      incumbent: { commit: base, value: 1.1 },
      rule: 'greedy',
      startedAt: AT,
      endedAt: AT,
    },
  });
  await proved();
  await record({
    contract,
    index: 1,
    event: { version: 1, kind: 'baseline', at: AT, commit: contract.base, trials: [] },
  });
  const one = await proposed(1, contract.base);
  await proposed(2, contract.base);
  expect((await proved()).inFlight).toEqual([1, 2]);
  const keep = { ...ended(1, 'keep', contract.base, one), tip: contract.base };
  for (const _ of 'twice') await commit(keep);
  const two = await proposed(2, one, true);
  await proved();
  await revert(ended(2, 'discard', one, two));
  await proposed(3, one); // its candidate stands, its record names none: the edit did not apply any more
  await revert(ended(3, 'dropped', one, null));
  await revert(ended(4, 'crash', one, await proposed(4, one)));
  expect((await proved()).ended).toBe(false);
  await record({ contract, index: 2, event: { version: 1, kind: 'end', at: AT, status: 'done', reason: 'budget' } });
  expect(await proved()).toMatchObject({ ended: true, inFlight: [], experiments: { total: 3, kept: 1, dropped: 1 } });
});
