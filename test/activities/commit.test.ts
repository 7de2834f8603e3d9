// What is kept of a project of pi-autoresearch: its commits tell what came of them, as that program's own do.
import { expect, it } from 'vitest';
import type { CommitInput } from '../../activities/contract.ts';
import { candidateRef, keptRef } from '../../src/domain/names.ts';
import { verify } from '../../src/domain/verify.ts';
import { readCandidate } from '../../src/git/candidate.ts';
import { git } from '../../src/git/git.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { newTrial, trialOf } from '../domain/trials.ts';
import type { Files } from '../git/sandbox.ts';
import { projectFiles } from '../support/project-files.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const LATER = '2026-11-23T20:01:00.000Z';
const scripts = (files: Record<string, string>): Files =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path, path.endsWith('.sh') ? { exec: text } : text]));

/** A session whose first experiment is to be kept. */
async function toKeep(files: Files) {
  const workshop = await createWorkshop(files);
  const { clone, record, propose } = workshop;
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  const { base } = contract;
  const trials = [newTrial({ commit: base })];
  await record({ contract, index: 1, event: { version: 1, kind: 'baseline', at: AT, commit: base, trials } });
  const made = await propose({ contract, experiment: 1, base, proposer: 'search', rebase: false, at: AT });
  if (made.kind !== 'proposal') throw new Error(made.kind);
  const { candidate, hypothesis } = made;
  const metrics = { total_ms: 31.5, buffer_kb: 16 };
  const input: CommitInput = {
    contract,
    tip: base,
    record: {
      experiment: 1,
      verdict: 'keep',
      reason: 'better',
      hypothesis,
      base,
      candidate,
      trials: [trialOf({ commit: candidate, value: 31.5, metrics }), trialOf({ commit: base, role: 'incumbent' })],
      value: 31.25,
      gain: 1,
      noise: 0.1,
      incumbent: { commit: base, value: 32.25 },
      rule: 'default',
      startedAt: AT,
      endedAt: LATER,
    },
  };
  return { ...workshop, candidate, hypothesis, input, base, clone };
}

it('says in the kept commit what came of it, and the ledger knows that commit alone', async () => {
  const { clone, commit, input, candidate, hypothesis, base } = await toKeep(scripts(projectFiles('pi')));
  const kept = await commit(input);
  const tip = await git(clone, ['rev-parse', keptRef('night')]);
  expect(kept).toEqual({ kind: 'committed', tip, commit: tip });
  expect(tip).not.toBe(candidate);
  const message = await git(clone, ['log', '-1', '--format=%B', tip]);
  expect(message.split('\n').slice(0, 3)).toEqual([
    hypothesis,
    '',
    'Result: {"status":"keep","total_ms":31.25,"buffer_kb":16}',
  ]);
  expect(await git(clone, ['log', '-1', '--format=%(trailers:key=Result,valueonly)', tip])).toContain(
    '"status":"keep"',
  );
  const [told, tried] = [await readCandidate(clone, tip), await readCandidate(clone, candidate)];
  expect(told).toEqual({ ...tried, commit: tip });
  expect(await git(clone, ['rev-parse', candidateRef('night', 1)])).toBe(tip);
  const [record] = (await readLedger(clone, 'night'))?.experiments ?? [];
  expect(record).toMatchObject({ candidate: tip, trials: [{ commit: tip }, { commit: base }] });
  expect(verify(await readFacts(clone, 'night')).findings).toEqual([]);
});

it('keeps it once, run again, and goes on from it', async () => {
  const { clone, commit, propose, input } = await toKeep(scripts(projectFiles('pi')));
  const kept = await commit(input);
  const refs = await git(clone, ['for-each-ref']);
  expect(await commit(input)).toEqual(kept);
  expect(await git(clone, ['for-each-ref'])).toBe(refs);
  if (kept.kind !== 'committed') throw new Error(kept.kind);
  const { contract } = input;
  const next = { contract, experiment: 2, proposer: 'search', rebase: false, at: LATER } as const;
  expect(await propose({ ...next, base: kept.tip })).toMatchObject({ kind: 'proposal', base: kept.tip });
  expect(verify(await readFacts(clone, 'night')).findings).toEqual([]);
});

it('keeps the candidate itself of every other task', async () => {
  const task = { 'autoresearch.yaml': taskFile('true'), 'train.py': 'LEARNING_RATE = 0.1\n' };
  const { commit, input, candidate } = await toKeep(task);
  expect(await commit(input)).toEqual({ kind: 'committed', tip: candidate });
});
