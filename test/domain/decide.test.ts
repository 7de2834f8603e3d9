import { describe, expect, it } from 'vitest';
import { decide, standingAfter, type Evidence } from '../../src/domain/decide.ts';
import { NO_POOL, priorPool } from '../../src/domain/noise.ts';
import { calibrated } from '../../src/domain/standing.ts';
import { candidate, evidence, standing } from './evidence.ts';

it('asks for a trial of a candidate that has none', () => {
  expect(decide(evidence({}))).toEqual({ kind: 'replicate', arm: 'candidate' });
  expect(decide(evidence({ rule: 'greedy' }))).toEqual({ kind: 'replicate', arm: 'candidate' });
});

describe('a least gain that the task asks for', () => {
  const kept = candidate(1.9, 1.91);
  const up = {
    direction: 'maximize',
    standing: calibrated([-2.01, -1.99, -2, -2.02, -1.98], priorPool(0.02)),
  } as const;

  it('is a discard and a near miss where the gain is real and smaller, in either direction', () => {
    for (const least of [0.08, '4%'])
      for (const session of [{ trials: kept }, { ...up, trials: candidate(2.1, 2.09) }])
        expect(decide(evidence({ ...session, least }))).toMatchObject({
          verdict: 'discard',
          nearMiss: true,
          gain: expect.closeTo(0.0713, 4),
          reason: expect.stringMatching(/^better, but by less than the 0\.08 that .*, a near miss \(gain 0\.0713 /),
        });
  });

  it('changes nothing where the gain is as large, or the code shorter', () => {
    for (const least of [0.07, '3.5%']) {
      expect(decide(evidence({ least, trials: kept }))).toEqual(decide(evidence({ trials: kept })));
      expect(decide(evidence({ ...up, least, trials: candidate(2.1, 2.09) }))).toMatchObject({ verdict: 'keep' });
    }
    expect(decide(evidence({ least: '10%', trials: kept, netLines: -1 }))).toMatchObject({ verdict: 'keep' });
  });

  it('turns no discard round, and weighs no candidate before its time', () => {
    const worse = evidence({ trials: candidate(2.2) });
    expect(decide({ ...worse, least: 0.001 })).toEqual(decide(worse));
    expect(decide(evidence({ least: '50%', trials: candidate(1.95) }))).toMatchObject({ kind: 'replicate' });
  });

  it('holds under greedy and for a metric without noise', () => {
    const greedy = evidence({ rule: 'greedy', trials: candidate(1.99) });
    expect(decide({ ...greedy, least: '1%' })).toMatchObject({
      verdict: 'discard',
      reason: expect.stringMatching(/^better, but by less than the 0\.02 .*2: 0\.01 better than the incumbent in one/),
    });
    expect(decide({ ...greedy, least: 0.01 })).toMatchObject({ verdict: 'keep' });
    const exact = evidence({ standing: calibrated([100, 100], NO_POOL), trials: candidate(99, 99) });
    expect(decide({ ...exact, least: '1%' })).toMatchObject({ verdict: 'keep' });
    expect(decide({ ...exact, least: '1.01%' })).toMatchObject({ verdict: 'discard' });
  });

  it('says of trials that differ where the incumbent’s never did that nobody can tell what they are worth', () => {
    const exact = evidence({ standing: calibrated([100, 100], NO_POOL), trials: candidate(90, 99) });
    expect(decide(exact)).toMatchObject({
      verdict: 'discard',
      value: 94.5,
      reason: expect.stringMatching(/^its trials differ, where every seed gave the incumbent the same: /),
    });
  });
});

describe('the sequential rule', () => {
  it('explains a keep: gain with its interval, probability, trials and noise', () => {
    expect(decide(evidence({ trials: candidate(1.9, 1.91) }))).toMatchObject({
      verdict: 'keep',
      value: expect.closeTo(1.905, 9),
      reason: 'better (gain 0.0713 [-0.00502, 0.121], P(better) 0.93, 2 trials, noise 0.0167)',
      assessment: { better: expect.closeTo(0.93, 2), degrees: 5 },
    });
  });

  it('asks for another trial of what looks good once', () => {
    expect(decide(evidence({ trials: candidate(1.95) }))).toEqual({ kind: 'replicate', arm: 'candidate' });
  });

  it('turns round for a metric that is maximised', () => {
    const up = calibrated([-2.01, -1.99, -2, -2.02, -1.98], priorPool(0.02));
    const trials = candidate(2.1, 2.09);
    expect(decide(evidence({ direction: 'maximize', standing: up, trials }))).toMatchObject({
      verdict: 'keep',
      value: expect.closeTo(2.095, 9),
    });
  });

  it('looks at the incumbent before any candidate when nobody has looked at it for long', () => {
    const old = evidence({ standing: { ...standing, since: 20 } });
    expect(decide(old)).toEqual({ kind: 'replicate', arm: 'incumbent' });
    const looked = evidence({ standing: { ...standing, since: 20 }, trials: [{ role: 'incumbent', value: 2.1 }] });
    expect(decide(looked)).toEqual({ kind: 'replicate', arm: 'candidate' });
    expect(standingAfter(looked, false)).toMatchObject({ trials: 6, since: 0 });
    expect(standingAfter(looked, false).mean).toBeGreaterThan(2);
  });

  it("fails an experiment that the machine spoiled, at whichever trial: that is neither the idea's crash nor worse", () => {
    const spoiled = { role: 'candidate', value: null, failure: 'killed', crash: { fault: 'machine' } } as const;
    for (const trials of [[spoiled], [...candidate(1.95), spoiled]])
      expect(decide(evidence({ trials }))).toMatchObject({ verdict: 'failed', reason: 'killed' });
    const own = { ...spoiled, crash: { fault: 'idea' } } as const;
    expect(decide(evidence({ trials: [own] }))).toMatchObject({ verdict: 'crash' });
  });

  it('fails an experiment whose incumbent gives no value any more: nothing can be compared with it', () => {
    const trials = [...candidate(1.95), { role: 'incumbent', value: null, failure: 'exited with code 1' }];
    expect(decide(evidence({ trials }))).toMatchObject({
      verdict: 'failed',
      reason: "the incumbent's own trial gave no value: exited with code 1",
    });
  });

  it('calls a first trial without a value a crash, and a later one a reason to discard', () => {
    const failure = 'exited with code 1: boom';
    const broken = { role: 'candidate', value: null, failure };
    expect(decide(evidence({ trials: [broken] }))).toEqual({
      kind: 'verdict',
      verdict: 'crash',
      value: null,
      gain: null,
      reason: failure,
    });
    expect(decide(evidence({ trials: [...candidate(1.9), broken] }))).toMatchObject({
      verdict: 'discard',
      reason: `a later trial failed: ${failure}`,
    });
  });
});

it('never keeps a candidate that fails a check, however good its value', () => {
  const trials = [{ role: 'candidate', value: 0.1, failedCheck: 'check "tests" failed: 2 failed' }];
  expect(decide(evidence({ trials }))).toMatchObject({ verdict: 'discard', reason: 'check "tests" failed: 2 failed' });
});

describe('a candidate under a target', () => {
  const missed = { role: 'candidate', value: 1.2, missed: 0.03, failedCheck: 'reached 3.31, 0.03 short of …' };

  it('is discarded at its first miss, however fast it was, and gains nothing', () => {
    for (const rule of ['default', 'greedy'] as const)
      expect(decide(evidence({ rule, trials: [missed] }))).toEqual({
        kind: 'verdict',
        verdict: 'discard',
        value: 1.2,
        gain: null,
        reason: 'reached 3.31, 0.03 short of …',
      });
    expect(decide(evidence({ trials: [...candidate(1.9, 1.91), missed] }))).toMatchObject({ verdict: 'discard' });
  });

  it('tells by a miss nothing of the noise: how long it took to get elsewhere is no repeat', () => {
    const trials = [...candidate(1.9, 1.91), missed];
    const after = standingAfter(evidence({ trials }), false);
    expect(after.noise).toEqual(standingAfter(evidence({ trials: candidate(1.9, 1.91) }), false).noise);
  });

  it('is judged against an incumbent that missed as if that had got there: it was no faster', () => {
    const standings = [
      { role: 'incumbent', value: 2.2, missed: 0.1 },
      { role: 'incumbent', value: 2.2 },
    ].map((trial) => standingAfter(evidence({ trials: [trial] }), false));
    expect(standings[0]).toEqual(standings[1]);
  });
});

const greedy = (value: number, more: Partial<Evidence> = {}) =>
  decide(evidence({ rule: 'greedy', trials: candidate(value), ...more }));

describe('greedy', () => {
  it('keeps what is better in one trial and discards the rest, with the noise beside the gain', () => {
    expect(greedy(1.9)).toMatchObject({
      verdict: 'keep',
      value: 1.9,
      reason: '0.1 better than the incumbent in one trial (noise 0.0167)',
    });
    expect(greedy(2.1)).toMatchObject({ verdict: 'discard' });
    expect(greedy(2)).toMatchObject({ verdict: 'discard', gain: 0 });
  });

  it('says that the noise is unknown where one trial is all there was', () => {
    expect(greedy(1.9, { standing: calibrated([2], NO_POOL) })).toMatchObject({
      verdict: 'keep',
      reason: '0.1 better than the incumbent in one trial (noise unknown)',
    });
  });

  it('believes the one trial of what it keeps', () => {
    const after = standingAfter(evidence({ rule: 'greedy', trials: candidate(1.9) }), true);
    expect(after).toMatchObject({ mean: 1.9, trials: 1 });
    expect(after.variance).toBeCloseTo(0.0167 ** 2, 5);
  });
});
