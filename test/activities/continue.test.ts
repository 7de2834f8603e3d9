// A session that goes on from its ledger: what `open` answers and writes.
import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { keptRef, ledgerRef } from '../../src/domain/names.ts';
import { verify } from '../../src/domain/verify.ts';
import { git } from '../../src/git/git.ts';
import { pushRefs } from '../../src/git/push.ts';
import { RULE_VERSION } from '../../src/domain/decide.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { allRefs } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const LATER = '2026-11-24T08:00:00.000Z';
const MUCH_LATER = '2026-11-25T08:00:00.000Z';

/** A session that ended with one discarded experiment. */
async function ended(judged: { readonly ruleVersion?: number } = {}) {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const { clone, repo, open, propose, revert, record } = workshop;
  const contract = await open({ session: 'night', input: { seed: 1, experiments: 1 }, at: AT });
  const base = contract.base;
  const events: LedgerEvent[] = [
    { version: 1, kind: 'baseline', at: AT, commit: base, trials: [] },
    { version: 1, kind: 'end', at: AT, status: 'done', reason: 'budget' },
  ];
  await record({ contract, index: 1, event: events[0]! });
  const made = await propose({ contract, experiment: 1, base, proposer: 'search', rebase: false, at: AT });
  const candidate = made.kind === 'proposal' ? made.candidate : null;
  const measured = { value: 1, gain: -0.1, noise: null, incumbent: { commit: base, value: 1.1 }, rule: 'greedy' };
  const said = { verdict: 'discard', reason: 'r', hypothesis: '' } as const;
  await revert({
    contract,
    record: { experiment: 1, base, candidate, trials: [], ...said, ...measured, ...judged, startedAt: AT, endedAt: AT },
  });
  await record({ contract, index: 2, event: events[1]! });
  await pushRefs({ clone, origin: repo, tag: 'night', what: 'all', timeoutSeconds: 60 });
  const goOn = (at = LATER, more = {}) =>
    open({ session: 'night', input: { continueFrom: 'night', experiments: 5, ...more }, at });
  const proved = async () => verify(await readFacts(clone, 'night'));
  return { ...workshop, contract, goOn, proved };
}

it('answers the same contract and where the ledger ends, and writes that once however often it runs', async () => {
  const { clone, contract, goOn, proved } = await ended();
  const { continued, ...again } = await goOn();
  expect(again).toEqual(contract);
  expect(continued).toMatchObject({ input: { seed: 1, experiments: 5 }, nextExperiment: 2, nextEvent: 4 });
  const refs = await allRefs(clone);
  expect(await goOn()).toEqual({ ...again, continued });
  expect(await allRefs(clone)).toBe(refs);
  expect(await proved()).toMatchObject({ findings: [], ended: false });
});

it('goes on a second time, and `verify` still names what is written after an end that nobody continued', async () => {
  const { contract, goOn, proved, record } = await ended();
  await goOn();
  const end: LedgerEvent = { version: 1, kind: 'end', at: LATER, status: 'done', reason: 'budget' };
  await record({ contract, index: 4, event: end });
  expect((await goOn(MUCH_LATER)).continued?.nextEvent).toBe(6);
  expect(await proved()).toMatchObject({ findings: [], ended: false });
  await record({ contract, index: 6, event: end });
  await record({ contract, index: 7, event: { ...end, at: MUCH_LATER } });
  const findings = (await proved()).findings.map(({ problem }) => problem);
  expect(findings).toEqual([
    'Expected at most one end, got events/6-end.json and events/7-end.json.',
    "Expected nothing to be written after the session's end, got events/7-end.json.",
  ]);
});

it('brings the ledger back from the repo where this machine has lost its own copy', async () => {
  const { clone, contract, goOn, repo, proved } = await ended();
  await rm(clone, { recursive: true });
  const { continued, ...again } = await goOn(LATER, { repo });
  expect(again).toEqual(contract);
  expect(continued?.nextExperiment).toBe(2);
  expect((await proved()).findings).toEqual([]);
});

it('takes what the repo knows more of the session, and refuses a ledger that has gone another way', async () => {
  const { clone, repo, contract, goOn, proved, propose, revert } = await ended();
  const old = await git(clone, ['rev-parse', ledgerRef('night')]);
  await goOn();
  const push = () => pushRefs({ clone, origin: repo, tag: 'night', what: 'all', timeoutSeconds: 60 });
  await push();
  await git(clone, ['update-ref', ledgerRef('night'), old]); // as in a clone that has fetched it once
  await git(clone, ['update-ref', '-d', keptRef('night')]);
  expect((await goOn(MUCH_LATER)).continued?.nextEvent).toBe(5);
  expect(await git(clone, ['rev-parse', keptRef('night')])).toBe(contract.base);
  expect((await proved()).findings).toEqual([]);
  await git(clone, ['update-ref', ledgerRef('night'), old]);
  const made = await propose({
    contract,
    experiment: 2,
    base: contract.base,
    proposer: 'search',
    rebase: false,
    at: AT,
  });
  expect(made).toEqual({ kind: 'ended', reason: 'budget' });
  const said = { verdict: 'dropped', reason: 'r', hypothesis: '', base: contract.base, candidate: null } as const;
  const measured = { value: null, gain: null, noise: null, incumbent: { commit: contract.base, value: 1 } };
  const times = { rule: 'greedy', startedAt: AT, endedAt: AT };
  await revert({ contract, record: { experiment: 2, trials: [], ...said, ...measured, ...times } });
  await expect(goOn()).rejects.toThrow(/Expected one ledger of night, got [0-9a-f]{40} here and [0-9a-f]{40} in/);
});

it('refuses a ledger that newer rules judged, and writes nothing', async () => {
  const { clone, goOn } = await ended({ ruleVersion: 99 });
  const before = await allRefs(clone);
  await expect(goOn()).rejects.toThrow(
    `Expected records judged by rules of version ${RULE_VERSION} or older, got version 99 at experiment 1; upgrade autoresearch to go on from them.`,
  );
  expect(await allRefs(clone)).toEqual(before);
});

it('refuses another id, an unknown session, and other numbers', async () => {
  const { open, goOn, clone } = await ended();
  const refs = await allRefs(clone);
  await expect(open({ session: 'other', input: { continueFrom: 'night' }, at: LATER })).rejects.toThrow(
    'Expected a session that goes on to have its own id, "night", got "other"',
  );
  await expect(open({ session: 'none', input: { continueFrom: 'none' }, at: LATER })).rejects.toThrow(
    /`continueFrom` to name a session with a ledger/,
  );
  await expect(goOn(LATER, { seed: 2 })).rejects.toThrow('Expected `seed` to stay 1');
  expect(await allRefs(clone)).toBe(refs);
});
