import { expect, test } from 'vitest';
import { trialFactsLines } from '../../src/cli/trial-facts-view.ts';
import { fakeFeed, run } from './fakes.ts';
import { TRIAL, record } from './samples.ts';

test('show tells what a trial took, what the machine was like, and which runs of it do not count', async () => {
  const crashed = { ...TRIAL, value: null, failure: 'out of memory: exited with code 1: MemoryError' };
  const trial = {
    ...TRIAL,
    trial: 10_000_000_001,
    steps: 1640,
    peakMemoryMb: 412,
    peakVramMb: 2048,
    overrunSeconds: 0.31,
    leftovers: 2,
    disturbed: 'another process (python) had the GPU too',
    earlier: [{ trial: 1, value: 2.8, seconds: 6, reason: 'the GPU was throttled', fault: 'disturbed' as const }],
    environment: {
      loadBefore: 0.5,
      loadAfter: 1.25,
      libraries: { python: '3.11.2', numpy: '2.3.0' },
      gpu: {
        name: 'NVIDIA H100',
        driver: '550.54.15',
        looks: 9,
        clockMhz: { low: 1700, high: 1980 },
        powerWatts: { low: 400, high: 645.2 },
        temperatureC: { low: 40, high: 61 },
        slowedBy: { sw_power_cap: 0.8 },
        others: [],
      },
    },
  };
  const { out } = await run(['show', '12'], {
    openFeed: async () => fakeFeed({}, [record(12, { trials: [crashed, trial] })]),
  });
  expect(out).toContain('1 again  candidate  77    2.7911  6.01     cpu');
  expect(out).toContain(`machine:
1 again  disturbed: another process (python) had the GPU too; run 1 (2.8000)
         does not count: the GPU was throttled; 412.0 MB of memory; 2048 MB of
         the GPU's; 1640 steps, 273.3 per second; 0.31 s over its budget; 2 of
         its processes had to be killed; load 0.50 before, 1.3 after; NVIDIA
         H100, driver 550.54.15; 1700 to 1980 MHz; at most 645 W; at most 61.0
         °C; sw_power_cap in 80 % of the looks; python 3.11.2, numpy 2.3.0
`);
});

test('says nothing of trials that nothing is known of', () => {
  expect(trialFactsLines([TRIAL], 80)).toEqual([]);
});
