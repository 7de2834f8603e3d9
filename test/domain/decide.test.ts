import { expect, it } from 'vitest';
import { decide, type Evidence } from '../../src/domain/decide.ts';

const evidence = (more: Partial<Evidence>): Evidence => ({
  rule: 'greedy',
  direction: 'minimize',
  incumbent: 2,
  noise: 0.02,
  trials: [],
  ...more,
});

it('asks for a trial of a candidate that has none', () => {
  expect(decide(evidence({}))).toEqual({ kind: 'replicate', arm: 'candidate' });
});

it('keeps what is better in one trial and discards the rest, with the noise beside the gain', () => {
  expect(decide(evidence({ trials: [{ value: 1.9 }] }))).toMatchObject({
    verdict: 'keep',
    value: 1.9,
    reason: '0.1 better than the incumbent in one trial (noise 0.02)',
  });
  expect(decide(evidence({ trials: [{ value: 2.1 }] }))).toMatchObject({ verdict: 'discard' });
  expect(decide(evidence({ trials: [{ value: 2 }] }))).toMatchObject({ verdict: 'discard', gain: 0 });
});

it('turns round for a metric that is maximised', () => {
  expect(decide(evidence({ direction: 'maximize', trials: [{ value: 2.1 }] }))).toMatchObject({ verdict: 'keep' });
});

it('calls a trial without a value a crash, with its reason', () => {
  expect(decide(evidence({ trials: [{ value: null, failure: 'exited with code 1: boom' }] }))).toEqual({
    kind: 'verdict',
    verdict: 'crash',
    value: null,
    gain: null,
    reason: 'exited with code 1: boom',
  });
});

it('never keeps a candidate that fails a check, however good its value', () => {
  expect(decide(evidence({ trials: [{ value: 0.1, failedCheck: 'check "tests" failed: 2 failed' }] }))).toMatchObject({
    verdict: 'discard',
    reason: 'check "tests" failed: 2 failed',
  });
});
