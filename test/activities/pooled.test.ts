// What was measured of an arm before it came to no verdict: whoever proposes it again brings it along.
import { expect, it } from 'vitest';
import type { Edit } from '../../src/domain/experiment.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { trialOf } from '../domain/trials.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

/** A session, and what it is asked to try. */
async function session() {
  const files = { 'autoresearch.yaml': taskFile('true') };
  const workshop = await createWorkshop(
    files,
    createReadCode(() => {}),
  );
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  const propose = async (experiment: number, ...edit: Edit[]) => {
    const request = { contract, experiment, base: contract.base, proposer: 'search', rebase: false, at: AT } as const;
    const made = await workshop.propose({ ...request, patch: { id: String(experiment), edit, hypothesis: 'a rate' } });
    if (made.kind !== 'proposal') throw new Error(`Expected a proposal, got ${JSON.stringify(made)}.`);
    return made;
  };
  return { ...workshop, contract, propose };
}

const rate = (value: string): Edit => ({ op: 'set', file: 'train.py', name: 'LEARNING_RATE', value });

it('brings along what was measured of the same arm, written otherwise, and also when it is found again', async () => {
  const { contract, propose, revert } = await session();
  const { candidate } = await propose(1, rate('0.3'));
  const incumbent = { commit: contract.base, value: 2.5 };
  const said = {
    experiment: 1,
    verdict: 'undecided',
    reason: 'r',
    hypothesis: '',
    base: contract.base,
    candidate,
  } as const;
  const trials = [trialOf({ commit: candidate, trial: 1, seed: 5, value: 2.4 })];
  const measured = { trials, value: 2.4, gain: 0.1, noise: null, incumbent };
  await revert({ contract, record: { ...said, ...measured, rule: 'default', startedAt: AT, endedAt: AT } });

  const again = await propose(2, rate('3e-1'));
  expect(again).toMatchObject({ pooled: [{ experiment: 1, trial: 1, seed: 5, value: 2.4 }] });
  expect(await propose(2, rate('3e-1'))).toEqual(again);
  expect(await propose(3, rate('0.4'))).not.toHaveProperty('pooled');
});
