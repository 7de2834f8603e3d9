import { describe, expect, test } from 'vitest';
import { simulateSession } from '../../bench/search.ts';
import { createSurface } from '../../bench/search-surface.ts';
import { applyEdit } from '../../src/proposer/edit.ts';
import type { Files, Proposal, Proposer, ProposeRequest, Tried } from '../../src/proposer/proposer.ts';
import { proposers } from '../../src/proposer/proposers.ts';

const SCRIPT = `# settings
WIDTH_RATIO = 48
TOKENS = 2**18  # per step
RATE = 3e-3  # search: 1e-3..1e-2 log
BETAS = (0.85, 0.97)
GATE = "silu"  # search: "silu", "relu"
TIED = True

def train():
    return RATE
`;

function requestOf(overrides: Partial<ProposeRequest> = {}): ProposeRequest {
  const files = { 'train.py': SCRIPT };
  const history: Tried[] = [{ files, score: 3, verdict: 'baseline' }];
  return { files, history, pending: [], incumbentScore: 3, noise: 0.01, seed: 1, ...overrides };
}

function demand(proposal: Proposal): Extract<Proposal, { kind: 'proposal' }> {
  if (proposal.kind === 'none') throw new Error(proposal.reason);
  return proposal;
}

describe.each(Object.entries(proposers))('the proposer %s', (_, propose: Proposer) => {
  test('gives the same proposal for the same request, and others for other seeds', () => {
    expect(propose(requestOf())).toEqual(propose(requestOf()));
    const texts = [1, 2, 3, 4, 5].map((seed) => demand(propose(requestOf({ seed }))).hypothesis);
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  test('changes one to three constants, says which, and gives the files that its edit makes', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { edit, files, hypothesis } = demand(propose(requestOf({ seed })));
      expect(applyEdit({ 'train.py': SCRIPT }, edit)).toEqual({ ok: true, files });
      expect(files['train.py']).not.toBe(SCRIPT);
      expect(edit.length).toBeGreaterThanOrEqual(1);
      expect(edit.length).toBeLessThanOrEqual(3);
      expect(hypothesis.split(/, (?=[A-Z])/)).toHaveLength(edit.length);
      expect(hypothesis).toMatch(/^[A-Z_]+ .+ -> .+$/);
      const rates = edit.flatMap((one) => (one.op === 'set' && one.name === 'RATE' ? [Number(one.value)] : []));
      expect(rates.every((rate) => rate >= 1e-3 && rate <= 1e-2)).toBe(true);
    }
  });

  test('never repeats contents that were tried or are in flight, over 200 proposals', () => {
    const seen = new Set([SCRIPT]);
    const history: Tried[] = [{ files: { 'train.py': SCRIPT }, score: 3, verdict: 'baseline' }];
    let pending: Files[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const { files } = demand(propose(requestOf({ history, pending, seed })));
      expect(seen.has(files['train.py'] ?? '')).toBe(false);
      seen.add(files['train.py'] ?? '');
      for (const done of pending)
        history.push({
          files: done,
          score: seed % 7 === 0 ? null : 3 + (seed % 5) / 100,
          verdict: seed % 7 === 0 ? 'crash' : 'discard',
        });
      pending = [files];
    }
  });

  test('never proposes a value that was tried in another spelling', () => {
    const files = { 'train.py': 'SIZE = 2**7  # search: 128..256 log\n' };
    const history: Tried[] = [
      { files, score: 1, verdict: 'baseline' },
      { files: { 'train.py': files['train.py'].replace('2**7', '256') }, score: 2, verdict: 'discard' },
    ];
    const proposed = Array.from({ length: 20 }, (__, seed) => propose(requestOf({ files, history, seed })));
    const values = proposed.flatMap((one) => (one.kind === 'proposal' ? one.edit : []));
    expect(values.map((edit) => edit.op === 'set' && edit.value)).not.toContain('2**8');
  });

  test('finds what is left of a small space, then says that there is nothing', () => {
    const files = { 'train.py': 'GATE = "a"  # search: a, b, c\nTIED = True\n' };
    const history: Tried[] = [{ files, score: 1, verdict: 'baseline' }];
    for (let seed = 0; seed < 5; seed++) {
      history.push({ files: demand(propose(requestOf({ files, history, seed }))).files, score: 2, verdict: 'discard' });
    }
    expect(propose(requestOf({ files, history }))).toMatchObject({
      kind: 'none',
      reason: expect.stringMatching(/not tried yet/),
    });
  });

  test('says what is missing when there is no constant to vary', () => {
    const files = { 'train.py': 'SEED = 1\nprint(SEED)\n' };
    expect(propose(requestOf({ files }))).toMatchObject({
      kind: 'none',
      reason: expect.stringMatching(/module-level constants/),
    });
  });

  test('takes a history of other code, other constants and unfinished experiments', () => {
    const history: Tried[] = [
      { files: { 'train.py': SCRIPT }, score: 3, verdict: 'baseline' },
      { files: { 'train.py': 'RATE = "fast"\nOTHER = 3\n' }, score: 2.9, verdict: 'discard' },
      { files: {}, score: null, verdict: 'failed' },
      { files: { 'train.py': 'BETAS = (0.9,)\nGATE = 4\n' }, score: null, verdict: 'undecided' },
      { files: { 'train.py': SCRIPT.replace('return', 'assert') }, score: null, verdict: 'crash' },
    ];
    expect(propose(requestOf({ history, incumbentScore: null, noise: null })).kind).toBe('proposal');
  });
});

/** The script with another rate and gate. */
function at(rate: string, gate: string): Files {
  return { 'train.py': SCRIPT.replace('3e-3', rate).replace('"silu"', `"${gate}"`) };
}

test('search prefers the direction that helped, in constants as in choices', () => {
  const history: Tried[] = [
    { files: at('3e-3', 'silu'), score: 3, verdict: 'baseline' },
    { files: at('1.5e-3', 'silu'), score: 3.1, verdict: 'discard' },
    { files: at('4e-3', 'relu'), score: 3.02, verdict: 'discard' },
    { files: at('4.5e-3', 'silu'), score: 2.92, verdict: 'keep' },
  ];
  const rates = Array.from({ length: 20 }, (_, seed) => {
    const request = requestOf({ files: at('4.5e-3', 'silu'), history, incumbentScore: 2.92, seed });
    const rate = demand(proposers.search(request)).edit.find((edit) => edit.op === 'set' && edit.name === 'RATE');
    return rate?.op === 'set' ? Number(rate.value) : null;
  }).filter((rate) => rate !== null);
  expect(rates.length).toBeGreaterThan(10);
  expect(rates.filter((rate) => rate > 4.5e-3).length).toBeGreaterThan(0.8 * rates.length);
});

test('search asks something else while a candidate is in flight', () => {
  const first = demand(proposers.search(requestOf({ seed: 9 })));
  const second = demand(proposers.search(requestOf({ seed: 9, pending: [first.files] })));
  const names = (proposal: typeof first) =>
    proposal.edit.map((edit) => (edit.op === 'set' ? edit.name + edit.value : '')).toSorted();
  expect(names(second)).not.toEqual(names(first));
});

test('search is ahead of random on simulated training', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const share = (propose: Proposer): number => {
    const nights = seeds.map((seed) => simulateSession(propose, createSurface(seed), seed, [25]));
    return nights.reduce((sum, night) => sum + (night.shares[0] ?? 0), 0) / seeds.length;
  };
  expect(share(proposers.search)).toBeGreaterThan(share(proposers.random) + 0.1);
});
