// Proposals that are made at once: each is weighed against what was in flight when it began, and once more when it lands.
import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import type { Proposed } from '../../src/domain/proposed.ts';
import { candidateRef } from '../../src/domain/names.ts';
import { commitOf } from '../../src/git/home-clone.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

/** A session in which the first two edits are weighed at the same moment. */
async function session() {
  const readCode = createReadCode(() => {});
  const gate = new EventEmitter();
  const both = once(gate, 'both');
  let weighing = 0;
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true') }, async (code) => {
    if (++weighing === 2) gate.emit('both');
    await both;
    return readCode(code);
  });
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  const propose = (experiment: number, value: string): Promise<Proposed> => {
    const edit = [{ op: 'set', file: 'train.py', name: 'LEARNING_RATE', value }] as const;
    const patch = { id: String(experiment), edit, hypothesis: `idea ${experiment}` };
    const request = { contract, experiment, base: contract.base, proposer: 'command', rebase: false, at: AT } as const;
    return workshop.propose({ ...request, patch });
  };
  const candidateOf = (experiment: number) => commitOf(workshop.clone, candidateRef(contract.tag, experiment));
  return { ...workshop, propose, candidateOf };
}

it('lets one of two in that meet with the same edit', async () => {
  const { propose, candidateOf } = await session();
  const made = await Promise.all([propose(1, '0.3'), propose(2, '0.3')]);
  const first = made.findIndex(({ kind }) => kind === 'proposal') + 1;
  const second = 3 - first;
  expect(made[second - 1]).toEqual({
    kind: 'dropped',
    reason: `the same tree as experiment ${first} (no verdict yet)`,
    hypothesis: 'LEARNING_RATE 0.1 -> 0.3',
  });
  expect(await candidateOf(second)).toBeUndefined();
  expect(await propose(first, '0.3')).toEqual(made[first - 1]); // a second run of it
  expect(await propose(second, '0.3')).toEqual(made[second - 1]);
});

it('lets both in that meet with edits that differ', async () => {
  const { propose } = await session();
  const made = await Promise.all([propose(1, '0.3'), propose(2, '0.4')]);
  expect(made.map(({ kind }) => kind)).toEqual(['proposal', 'proposal']);
});
