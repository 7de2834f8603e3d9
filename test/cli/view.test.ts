import { describe, expect, test } from 'vitest';
import { barOf } from '../../src/cli/bar.ts';
import { bestLines } from '../../src/cli/best-view.ts';
import { viewLines } from '../../src/cli/view.ts';
import { BEAT, KEEP, LIVE, RUNNING, SNAPSHOT, TRAINING, ago } from './samples.ts';

const text = (snapshot: typeof SNAPSHOT, columns = 79): string =>
  viewLines(snapshot, columns)
    .map((line) => line.text)
    .join('\n');

describe('the live view', () => {
  test('shows the incumbent with its error, the gain beside the noise, the running trial, verdicts and what is left', () => {
    expect(text(SNAPSHOT)).toBe(
      [
        'byte-lm-nov23 · running · byte-lm · tier A',
        'best   2.7911 ± 0.012 val_bpb (lower is better), experiment 12, 1 trial',
        'gain   +0.0601 over 2.8512 (95 %: +0.0329 to +0.0873)',
        'noise  0.012 (95 %: 0.0077 to 0.027)',
        'note   gains under `greedy` are unreplicated: one trial each, and often luck',
        'now    experiment 14 · BATCH_SIZE 64 -> 128',
        '       [########----------------]  33 %  2.0 of 6 s · step 1640/5000',
        'left   87 of 100 experiments · 5.8 of 8 h',
        '   13  crash                        ×1  WIDTH 128 -> 9999',
        '   12  keep         +0.0601  P .98  ×3  LEARNING_RATE 0.001 -> 0.0023',
        '   11  discard     -0.00880         ×1  WIDTH 128 -> 96',
      ].join('\n'),
    );
  });

  test('says what the coding agent is at that writes the next edit', () => {
    const agent = { phase: 'agent', doing: 'Edit train.py', turns: 3, elapsedSeconds: 34 } as const;
    const proposing = { ...SNAPSHOT.pending[0], activity: 'propose', beat: null, agent };
    const pending = [...SNAPSHOT.pending, proposing] as typeof SNAPSHOT.pending;
    expect(text({ ...SNAPSHOT, pending })).toMatch(/^agent +at work for 34 s · Edit train\.py$/m);
  });

  test('shows what every lane runs, each with what its own device says', () => {
    const second = { ...RUNNING, experiment: 15, hypothesis: 'WIDTH 64 -> 96' };
    const live = { ...LIVE, lanes: [RUNNING, second], parallel: 2 };
    const beat = { ...BEAT, device: 'cpu1', trial: '15/1', elapsedSeconds: 3, step: 2000 };
    const pending = [
      { ...TRAINING, beat },
      { ...TRAINING, beat: { ...BEAT, trial: '14/1' } },
    ];
    expect(text({ ...SNAPSHOT, view: live, live, pending })).toContain(
      [
        'now    experiment 14 · BATCH_SIZE 64 -> 128',
        '       [########----------------]  33 %  2.0 of 6 s · step 1640/5000',
        'now    experiment 15 · WIDTH 64 -> 96',
        '       [############------------]  50 %  3.0 of 6 s · step 2000/5000',
      ].join('\n'),
    );
  });

  test('shows how much of the gain is left in longer trainings', () => {
    const left = { commit: 'c', gain: 0.0451, share: 0.75, low: 0.6, high: 0.9 };
    const scale = [{ ...left, times: 2, verdict: 'transfers' } as const];
    const live = { ...LIVE, scale };
    const longer = 'longer  2 × the time: +0.0451, 75 % of the gain (95 %: 60 to 90): transfers';
    expect(text({ ...SNAPSHOT, view: live, live })).toContain(longer);
    expect(bestLines(live, 80).join('\n')).toContain(`longer    ${longer.slice(8)}`);
  });

  test('says what is to be reached, and that the best missed it where an audit found that', () => {
    const audit = {
      split: 'val',
      commit: 'c',
      claimed: 9,
      gain: 8,
      low: 7,
      high: 9,
      passed: false,
      missed: 2,
    } as const;
    const live = { ...LIVE, metric: 'seconds', target: 'val_bpb <= 3.28', audit };
    const shown = text({ ...SNAPSHOT, view: live, live }, 160);
    expect(shown).toContain('2.7911 ± 0.012 seconds to val_bpb <= 3.28 (lower is better)');
    expect(shown).toContain('THE CLAIM of +9.00 DOES NOT HOLD: 2 trials missed the target');
    const crashed = { ...audit, gain: null, low: null, high: null, missed: undefined, crashed: 4 };
    expect(text({ ...SNAPSHOT, view: { ...live, audit: crashed }, live }, 160)).toContain(
      'no value on fresh seeds, the same data: THE CLAIM of +9.00 DOES NOT HOLD: 4 trials crashed',
    );
  });

  test('says that sealed data are spent once they were looked at too often', () => {
    const audit = {
      split: 'sealed',
      looks: 10,
      commit: 'c',
      claimed: 9,
      gain: 8,
      low: 7,
      high: 9,
      passed: true,
    } as const;
    const shown = (looks: number): string => {
      const live = { ...LIVE, audit: { ...audit, looks } };
      return text({ ...SNAPSHOT, view: live, live }, 160);
    };
    expect(shown(10)).toContain('on sealed data and fresh seeds: the claim holds');
    expect(shown(11)).toContain('on sealed data that are spent (audit 11 on them) and fresh seeds: the claim holds');
  });

  test('never claims a gain while the baseline is the best', () => {
    const { baseline } = LIVE;
    const live = { ...LIVE, best: baseline };
    expect(text({ ...SNAPSHOT, view: live, live })).toContain(
      'gain   none yet over the baseline 2.8512\nnoise  0.012 (95 %: 0.0077 to 0.027)',
    );
  });

  test('says that nothing is measured yet while the baseline trains', () => {
    const running = { ...RUNNING, experiment: 0, trial: 2 };
    const counts = { ...LIVE.counts, kept: 0 };
    const live = { ...LIVE, best: null, baseline: null, noise: null, counts, last: [], running };
    const shown = text({ ...SNAPSHOT, view: live, live });
    expect(shown).toContain('best  not measured yet');
    expect(shown).toContain('now   baseline, trial 2');
    expect(shown).not.toContain('gain');
  });

  test('is no wider than the terminal, whatever a hypothesis says', () => {
    const long = { ...LIVE, last: [{ ...KEEP, hypothesis: 'x'.repeat(300) }] };
    const running = { ...RUNNING, hypothesis: 'y '.repeat(200) };
    for (const columns of [40, 60, 79])
      for (const line of viewLines({ ...SNAPSHOT, view: long, live: { ...long, running } }, columns))
        expect(line.text.length).toBeLessThanOrEqual(columns);
  });

  test('shows a session that nobody can describe yet as starting', () => {
    const outcome = { open: true, outcome: 'running', failure: null, taskAttempt: 0 };
    const shown = text({ ...SNAPSHOT, view: null, live: null, pending: [], outcome });
    expect(shown).toContain('byte-lm-nov23 · starting');
    expect(shown).toContain('waiting for a control worker to begin');
  });
});

describe('the progress bar', () => {
  test('goes by the clock and never beyond its end', () => {
    expect(barOf(RUNNING, { ...BEAT, elapsedSeconds: 3 })).toContain('[############------------]  50 %  3.0 of 6 s');
    expect(barOf(RUNNING, { ...BEAT, elapsedSeconds: 9 })).toContain('100 %');
  });

  test('goes by steps where no clock is known', () => {
    const { elapsedSeconds: _, ...without } = BEAT;
    expect(barOf(RUNNING, { ...without, step: 1250 })).toContain(' 25 %  step 1250/5000');
  });

  test('says what a device does when it does not train', () => {
    expect(barOf({ ...RUNNING, stage: 'evaluate' }, BEAT)).toBe('scoring');
    expect(barOf(RUNNING, { ...BEAT, phase: 'preparing' })).toBe('preparing the files of this trial');
    expect(barOf({ ...RUNNING, since: ago(0) }, null)).toBe('starting');
  });
});
