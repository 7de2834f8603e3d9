// What `propose` refuses, drops as nothing new, and says of what it lets through. Edits come in as a waiting experiment's,
// applied to an incumbent that has moved, so that they can be anything.
import { expect, it } from 'vitest';
import type { Contract, EndedExperiment } from '../../activities/contract.ts';
import type { Proposed } from '../../src/domain/proposed.ts';
import type { Edit, Verdict } from '../../src/domain/experiment.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { candidateRef } from '../../src/domain/names.ts';
import { readCandidate, writeCandidate } from '../../src/git/candidate.ts';
import { git } from '../../src/git/git.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { createReadCode, type ReadCode } from '../../src/proposer/gate/read-code.ts';
import { AT, createWorkshop, taskFile, type Workshop } from './workshop.ts';

const TRAIN = `"""Trains."""

import time

LEARNING_RATE = 0.1
MOMENTUM = 0.5


def main(steps):
    total = 0  # so far
    for step in range(steps):
        total += step * LEARNING_RATE
    return total
`;
const LATER = '2026-11-23T20:01:00.000Z';

type Session = Workshop & { readonly contract: Contract; readonly base: string };

/** A session whose incumbent has moved: experiment 1 is kept, and is the base of all that follows. */
async function session(readCode?: ReadCode): Promise<Session> {
  const workshop = await createWorkshop({ 'train.py': TRAIN, 'autoresearch.yaml': taskFile('true') }, readCode);
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  const event: LedgerEvent = { version: 1, kind: 'baseline', at: AT, commit: contract.base, trials: [] };
  await workshop.record({ contract, index: 1, event });
  const first = await waits({ ...workshop, contract, base: contract.base }, 1, [set('MOMENTUM', '0.7')]);
  await workshop.commit({ ...ending(contract, 1, first, 'keep'), tip: contract.base });
  return { ...workshop, contract, base: first };
}

const set = (name: string, value: string): Edit => ({ op: 'set', file: 'train.py', name, value });
const replace = (search: string, text: string, file = 'train.py'): Edit => ({
  op: 'replace',
  file,
  search,
  replace: text,
});

/** A candidate of the baseline that waits, whatever its edit comes to. */
async function waits({ clone, contract }: Session, experiment: number, edit: Edit[]): Promise<string> {
  const files = { 'train.py': `${TRAIN.replace('0.5', '0.7')}${experiment === 1 ? '' : `# ${experiment}\n`}` };
  const input = {
    clone,
    base: contract.base,
    files,
    hypothesis: `idea ${experiment}`,
    proposer: 'search',
    edit,
    at: AT,
  };
  const written = await writeCandidate(input);
  if (written.kind === 'unchanged') throw new Error('unchanged');
  await git(clone, ['update-ref', candidateRef(contract.tag, experiment), written.commit]);
  return written.commit;
}

const ask = ({ contract, base, propose }: Session, experiment: number): Promise<Proposed> =>
  propose({ contract, experiment, base, proposer: 'search', rebase: true, at: LATER });

/** What comes of an edit as experiment n. */
async function proposed(where: Session, experiment: number, ...edit: Edit[]): Promise<Proposed> {
  await waits(where, experiment, edit);
  return ask(where, experiment);
}

function ending(contract: Contract, experiment: number, candidate: string | null, verdict: Verdict): EndedExperiment {
  const said = { experiment, verdict, reason: 'r', hypothesis: '', base: contract.base, candidate };
  const measured = { trials: [], value: 1, gain: 0.1, noise: null, incumbent: { commit: contract.base, value: 1.1 } };
  return { contract, record: { ...said, ...measured, rule: 'greedy', startedAt: AT, endedAt: LATER } };
}

function candidateOf(answer: Proposed): string {
  if (answer.kind !== 'proposal') throw new Error(`Expected a proposal, got ${JSON.stringify(answer)}.`);
  return answer.candidate;
}

const dropped = (reason: string) => ({ kind: 'dropped', hypothesis: expect.any(String), reason });
const SAME = 'but for comments, formatting or names';

it('drops an edit that breaks a rule, with the class of the rule and no more, and leaves no candidate of it', async () => {
  const where = await session();
  const network = replace('import time\n', 'import time\nimport socket\n');
  expect(await proposed(where, 2, network)).toEqual(dropped('refused edit: it reaches for the network'));
  const clock = replace('    total = 0', '    time.time = lambda: 0\n    total = 0');
  expect(await proposed(where, 3, clock)).toEqual(
    dropped('refused edit: it changes the clock, the device or the harness'),
  );
  const syntax = await proposed(where, 4, replace('range(steps)', 'range(steps'));
  expect(syntax).toMatchObject({
    reason: expect.stringMatching(/^refused edit: train\.py does not parse as Python 3/),
  });
  expect(await proposed(where, 5, replace('# so far', '\0'))).toEqual(dropped('refused edit: it adds what is no text'));
  const blob = replace('# so far', `\n${'#'.repeat(70_000)}\n`);
  expect(await proposed(where, 6, blob)).toMatchObject({ reason: expect.stringContaining('too large') });
  const { base } = where.contract;
  const parents = await git(where.clone, ['for-each-ref', '--format=%(parent)', 'refs/autoresearch/night/[2-9]']);
  expect(new Set(parents.split('\n'))).toEqual(new Set([base]));
});

it('drops an edit of what is not editable', async () => {
  const where = await session();
  const answer = await proposed(where, 2, replace('seconds: 1', 'seconds: 9', 'autoresearch.yaml'));
  expect(answer).toMatchObject({ kind: 'dropped', reason: expect.stringContaining('to be an editable file') });
});

it('drops the incumbent and the baseline in another spelling', async () => {
  const where = await session();
  const comment = replace('# so far', '# the sum');
  expect(await proposed(where, 2, comment)).toEqual(dropped(`the same as the incumbent ${SAME}`));
  const name = replace(
    'for step in range(steps):\n        total += step',
    'for i in range(steps):\n        total += i',
  );
  expect(await proposed(where, 3, name)).toEqual(dropped(`the same as the incumbent ${SAME}`));
  expect(await proposed(where, 4, set('LEARNING_RATE', '1e-1'))).toEqual(dropped(`the same as the incumbent ${SAME}`));
  expect(await proposed(where, 5, set('MOMENTUM', '5e-1'))).toEqual(dropped(`the same as the baseline ${SAME}`));
  expect(await proposed(where, 6, replace('step *', 'step *'))).toEqual(dropped('the edit changes nothing here'));
});

it('drops what was decided or is under way in another spelling; what the world kept from a verdict may come again', async () => {
  const where = await session();
  const { contract, clone, revert } = where;
  const idea = replace('total = 0 ', 'total = 1 ');
  const again = replace('total = 0  # so far', 'total = 0 + 1');
  const candidate = candidateOf(await proposed(where, 2, idea));
  expect(await proposed(where, 3, again)).toEqual(dropped(`the same as experiment 2 (no verdict yet) ${SAME}`));
  await revert(ending(contract, 3, null, 'dropped'));
  await revert(ending(contract, 2, candidate, 'crash'));
  const ledger = await readLedger(clone, contract.tag);
  expect(ledger?.experiments.find(({ experiment }) => experiment === 2)?.arm).toMatch(/^[0-9a-f]{64}$/);
  expect(await proposed(where, 4, again)).toEqual(dropped(`the same as experiment 2 ${SAME}`));
  expect(await proposed(where, 5, idea)).toEqual(dropped('the same tree as experiment 2'));

  const other = candidateOf(await proposed(where, 6, replace('step *', '2 * step *')));
  await revert(ending(contract, 6, other, 'failed'));
  expect(await proposed(where, 7, replace('step *', '(1 + 1) * step *'))).toMatchObject({ kind: 'proposal' });
});

it('proposes what a person has accepted out of quarantine once more, on the incumbent of now, though it was tried', async () => {
  const where = await session();
  const idea = replace('total = 0 ', 'total = 1 ');
  const first = candidateOf(await proposed(where, 2, idea));
  await where.revert(ending(where.contract, 2, first, 'quarantine'));
  const { contract, base, propose } = where;
  const input = { contract, experiment: 3, base, proposer: 'search', rebase: false, accepted: 2, at: LATER } as const;
  const answer = await propose(input);
  expect(answer).toMatchObject({ kind: 'proposal', base, hypothesis: expect.stringMatching(/\(2, accepted\)$/) });
  expect(await where.propose(input)).toEqual(answer);
  const shown = await git(where.clone, ['show', `${candidateOf(answer)}:train.py`]);
  expect(shown).toContain('total = 1 ');
  expect(shown).toContain('MOMENTUM = 0.7'); // as the incumbent has it
  // Another idea stands under the number already, from a run that the server forgot.
  const other = candidateOf(await proposed(where, 5, replace('step *', '3 * step *')));
  const instead = await propose({ ...input, experiment: 5 });
  expect(instead).toMatchObject(dropped('the same tree as experiment 3 (no verdict yet)'));
  expect(await propose({ contract, experiment: 5, base, proposer: 'search', rebase: false, at: LATER })).toMatchObject({
    candidate: other,
  });
  expect(await propose({ ...input, experiment: 4, accepted: 77 })).toEqual(dropped('experiment 77 has no candidate'));
});

it('proposes an edit that was overtaken once more, as whoever proposed it, though it was tried on another base', async () => {
  const where = await session();
  const first = candidateOf(await proposed(where, 2, replace('total = 0 ', 'total = 1 ')));
  await where.revert(ending(where.contract, 2, first, 'undecided'));
  const input = { experiment: 3, base: where.base, proposer: 'random', rebase: false, parent: 2, at: LATER } as const;
  const answer = await where.propose({ ...input, contract: where.contract });
  expect(answer).toMatchObject({ kind: 'proposal', hypothesis: expect.stringMatching(/\(2, again\)$/) });
  const { proposer, edit } = await readCandidate(where.clone, first);
  expect(await readCandidate(where.clone, candidateOf(answer))).toMatchObject({ parent: 2, proposer, edit });
  expect(await git(where.clone, ['show', `${candidateOf(answer)}:train.py`])).toContain('MOMENTUM = 0.7'); // as the incumbent has it
});

it('says how much code a candidate adds, also when it finds it again', async () => {
  const where = await session();
  const answer = await proposed(
    where,
    2,
    replace('    return total', '    total /= 2\n    # half\n\n    return total'),
  );
  expect(answer).toMatchObject({ kind: 'proposal', netLines: 1 });
  expect(await ask(where, 2)).toEqual(answer);
  expect(await proposed(where, 3, replace('import time\n', ''))).toMatchObject({ kind: 'proposal', netLines: -1 });
});

it('lets edits pass where there is no Python, says so once, and still knows an exact copy', async () => {
  const warnings: string[] = [];
  const where = await session(createReadCode((text) => warnings.push(text), '/no/python3'));
  const network = replace('import time\n', 'import time\nimport socket\n');
  const candidate = candidateOf(await proposed(where, 2, network));
  await where.revert(ending(where.contract, 2, candidate, 'discard'));
  expect(await proposed(where, 3, network)).toEqual(dropped('the same tree as experiment 2'));
  const [, record] = (await readLedger(where.clone, where.contract.tag))?.experiments ?? [];
  expect(record).not.toHaveProperty('arm');
  expect(warnings).toHaveLength(1);
});

it('makes a candidate of what a person wrote, and of nothing else that stands there, run once or twice', async () => {
  const at = await session();
  const { contract, base, propose, clone } = at;
  const own = { contract, experiment: 2, base, proposer: 'search', rebase: false, at: LATER } as const;
  const idea = await propose(own);
  const patch = { id: 'one', edit: [replace('step * LEARNING_RATE', 'step * step')], hypothesis: 'steps squared' };
  const written = await propose({ ...own, patch });
  if (written.kind !== 'proposal' || idea.kind !== 'proposal') throw new Error(written.kind);
  expect(written.hypothesis).toBe('steps squared');
  expect(written.candidate).not.toBe(idea.candidate);
  expect(await git(clone, ['show', `${written.candidate}:train.py`])).toContain('total += step * step');
  expect((await readCandidate(clone, written.candidate)).proposer).toBe('person');
  expect(await propose({ ...own, patch })).toEqual(written);
  const away = { id: 'two', edit: [replace('no such line', '')], hypothesis: 'gone' };
  expect(await propose({ ...own, experiment: 3, patch: away })).toMatchObject({
    kind: 'dropped',
    hypothesis: 'gone',
    reason: expect.stringContaining('no match: no such line'),
  });
});
