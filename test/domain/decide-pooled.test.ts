// What trials of a candidate's arm under earlier numbers do to its verdict.
import { describe, expect, it } from 'vitest';
import { decide, standingAfter } from '../../src/domain/decide.ts';
import { candidate, evidence } from './evidence.ts';

describe('trials of its arm that came to no verdict under an earlier number', () => {
  const pooled = candidate(1.9, 1.93);

  it('count as its own, but it has to show that it runs', () => {
    expect(decide(evidence({ pooled }))).toEqual({ kind: 'replicate', arm: 'candidate' });
    expect(decide(evidence({ rule: 'greedy', pooled }))).toEqual({ kind: 'replicate', arm: 'candidate' });
    const [verdict, afresh] = [{ pooled }, {}].map((more) => decide(evidence({ trials: candidate(1.91), ...more })));
    expect(verdict).toMatchObject({
      verdict: 'keep',
      value: expect.closeTo(1.9133, 4),
      reason: expect.stringContaining(', 1 trial and 2 of its arm before, '),
    });
    expect(afresh).toMatchObject({ kind: 'replicate' });
  });

  it('buy no second ticket: a lucky trial after unlucky ones stays a discard', () => {
    const lucky = candidate(1.95, 1.94, 1.95, 1.945);
    expect(decide(evidence({ trials: lucky }))).toMatchObject({ verdict: 'keep' });
    expect(decide(evidence({ trials: lucky, pooled: candidate(2.06, 2.05) }))).toMatchObject({
      verdict: 'discard',
    });
  });

  it('tell nothing of the noise once more', () => {
    const told = standingAfter(evidence({ trials: candidate(1.97, 2.03, 1.99) }), false);
    const again = standingAfter({ ...evidence({ standing: told, pooled: candidate(1.97, 2.03) }) }, false);
    expect(again.noise).toEqual(told.noise);
    const one = evidence({ standing: told, pooled: candidate(1.97, 2.03), trials: candidate(2.2) });
    expect(standingAfter(one, false).noise.degrees).toBe(told.noise.degrees);
  });

  it('make a crash after them a later one, and are left out where the target was missed', () => {
    const crashed = [{ role: 'candidate', value: null, failure: 'it crashed', crash: { fault: 'idea' } as const }];
    expect(decide(evidence({ trials: crashed }))).toMatchObject({ verdict: 'crash' });
    expect(decide(evidence({ trials: crashed, pooled }))).toMatchObject({ verdict: 'discard' });
    const missed = evidence({ trials: candidate(1.91), pooled: [{ role: 'candidate', value: 9, missed: 0.1 }] });
    expect(decide(missed)).toMatchObject({ kind: 'replicate' });
  });
});
