import { expect, it } from 'vitest';
import { brokenLimit, ceilingsOf, unmeasuredLimit } from '../../src/domain/limits.ts';
import { trialOf } from './trials.ts';

const BASELINE = [
  trialOf({ role: 'baseline', peakMemoryMb: 400, metrics: { params: 1000 } }),
  trialOf({ role: 'baseline', peakMemoryMb: 420, metrics: { params: 1000 } }),
];
const breaks = (limits: Record<string, number | string>, more: Parameters<typeof trialOf>[0]) =>
  brokenLimit(ceilingsOf(limits, BASELINE), trialOf(more));

it('keeps a candidate from taking more than so many times what the hungriest trial of the baseline took', () => {
  expect(breaks({ peak_memory_mb: '1.1x' }, { peakMemoryMb: 462 })).toBeUndefined();
  expect(breaks({ peak_memory_mb: '1.1x' }, { peakMemoryMb: 463 })).toBe(
    "limit broken: peak_memory_mb was 463, at most 462 is allowed (1.1 times the baseline's 420)",
  );
});

it('keeps it below a number, whatever the baseline takes', () => {
  expect(breaks({ params: 500 }, { metrics: { params: 500 } })).toBeUndefined();
  expect(breaks({ params: 500 }, { metrics: { params: 501 } })).toBe(
    'limit broken: params was 501, at most 500 is allowed',
  );
});

it('believes its own measure before a number that is printed under that name', () => {
  expect(breaks({ peak_memory_mb: 450 }, { peakMemoryMb: 9000, metrics: { peak_memory_mb: 1 } })).toContain('9000');
});

it('takes the printed number where there is no GPU to look at', () => {
  const baseline = [trialOf({ metrics: { peak_vram_mb: 100 } })];
  const ceilings = ceilingsOf({ peak_vram_mb: '2x' }, baseline);
  expect(brokenLimit(ceilings, trialOf({ metrics: { peak_vram_mb: 201 } }))).toContain('peak_vram_mb was 201');
});

it('takes silence for a breach where the baseline spoke, but not where the harness should have measured', () => {
  expect(breaks({ params: '1x' }, { peakMemoryMb: 1 })).toBe('limit broken: it does not say its params');
  expect(breaks({ peak_memory_mb: '1x' }, {})).toBeUndefined();
});

it('finds every limit that is broken first in the order of the file', () => {
  const taken = { peakMemoryMb: 9000, metrics: { params: 9000 } };
  expect(breaks({ params: 1, peak_memory_mb: 1 }, taken)).toContain('params');
  expect(breaks({ peak_memory_mb: 1, params: 1 }, taken)).toContain('peak_memory_mb');
});

it('says nothing of a trial without a value, nor of a task without limits', () => {
  expect(breaks({ params: '1x' }, { value: null })).toBeUndefined();
  expect(ceilingsOf(undefined, BASELINE)).toEqual([]);
  expect(unmeasuredLimit({}, BASELINE)).toBeNull();
});

it('names what is limited and never measured, and limits nothing by it', () => {
  const limits = { peak_vram_mb: '1.1x', colour: 3, params: '1x' };
  expect(unmeasuredLimit({ limits }, BASELINE)).toMatch(/^The task limits `peak_vram_mb`, `colour`, which no trial/);
  expect(ceilingsOf(limits, BASELINE).map(({ name }) => name)).toEqual(['params']);
});

it('finds no number in what every object has', () => {
  expect(unmeasuredLimit({ limits: { constructor: 3, toString: 3 } }, BASELINE)).toMatch(/`constructor`, `toString`/);
});
