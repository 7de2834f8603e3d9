import { describe, expect, it } from 'vitest';
import { priorOfPi, readPi, writePi } from '../../src/formats/pi.ts';
import { piOf } from '../../src/formats/pi-ledger.ts';
import { OPEN, TRIAL, ledger, record } from '../cli/samples.ts';

describe('a ledger as log.jsonl', () => {
  const records = [
    record(1, { verdict: 'discard', value: 2.9, trials: [{ ...TRIAL, failedCheck: 'tests failed' }] }),
    record(2, { verdict: 'quarantine', hypothesis: 'two\nlines' }),
    record(3, { verdict: 'crash', value: null, trials: [{ ...TRIAL, value: null, metrics: {} }] }),
    record(4, { verdict: 'dropped', candidate: null, value: null, trials: [] }),
    record(5),
  ];

  it('is read back with verdicts in their words, exact values, and the rest beside them', () => {
    const text = writePi(piOf(ledger(records), OPEN));
    expect(text.split('\n')[0]).toBe(
      '{"type":"config","name":"byte-lm","metricName":"val_bpb","metricUnit":"","bestDirection":"lower"}',
    );
    const lines = readPi(text);
    expect(writePi(lines)).toBe(text);
    expect(priorOfPi(lines).segments[0]?.experiments.map((one) => [one.verdict, one.value, one.description])).toEqual([
      ['keep', (2.85 + 2.8524) / 2, 'baseline'],
      ['checks_failed', 2.9, 'LEARNING_RATE 0.001 -> 0.0023'],
      ['checks_failed', 2.7911, 'two lines'],
      ['crash', null, 'LEARNING_RATE 0.001 -> 0.0023'],
      ['keep', 2.7911, 'LEARNING_RATE 0.001 -> 0.0023'],
    ]);
    const last = lines.at(-1);
    expect(last?.kind === 'run' && last.line.asi).toMatchObject({ experiment: 5, verdict: 'keep', gain: 0.0601 });
    expect(last?.kind === 'run' && last.line.metrics).toEqual({ peak_vram_mb: 2048 });
  });

  it('has its hooks around the runs that they were about, also where there was none', () => {
    const hook = {
      version: 1,
      at: '',
      exitCode: 0,
      timedOut: false,
      seconds: 0.5,
      stdoutBytes: 3,
      note: 'hm\n',
    } as const;
    const hooks = [
      { ...hook, stage: 'after', experiment: 3, told: 5, exitCode: null, timedOut: true, seconds: 30.2 },
      { ...hook, stage: 'before', experiment: 3, told: 3 },
      { ...hook, stage: 'before', experiment: 4, told: 4 },
    ] as const;
    const lines = piOf({ ...ledger(records), hooks }, OPEN);
    expect(readPi(writePi(lines))).toEqual(lines);
    const told = lines.map(({ kind, line }) => (kind === 'hook' ? line.stage : kind === 'run' ? line.run : kind));
    expect(told).toEqual(['config', 1, 2, 3, 'before', 4, 'after', 'before', 5]);
    const timedOut = { exit_code: null, duration_ms: 30_200, stdout_bytes: 3, timed_out: true };
    expect(lines[6]?.line).toEqual({ type: 'hook', stage: 'after', ...timedOut });
  });

  it('calls the logarithm of a ratio to the baseline what it is, with what was measured beside it', () => {
    const metric = { name: 'latency_ms', direction: 'minimize' as const };
    const score = { run: 'bench', seconds: 9, sealed: false, paired: 10 };
    const metrics = { latency_ms: 19, baseline_latency_ms: 20 };
    const paired = ledger([record(1, { value: -0.0513, trials: [{ ...TRIAL, value: -0.0513, metrics }] })]);
    const lines = piOf(paired, { ...OPEN, task: { ...OPEN.task, metric, score } });
    expect(lines[0]?.line).toMatchObject({
      metricName: 'latency_ms_log_ratio',
      metricUnit: '',
      bestDirection: 'lower',
    });
    expect(lines[2]?.line).toMatchObject({ metric: -0.0513, metrics });
  });

  it('says unit and direction as they do', () => {
    const task = { ...OPEN.task, metric: { name: 'latency_ms', direction: 'maximize' as const } };
    expect(piOf(ledger([]), { ...OPEN, task })[0]?.line).toMatchObject({ metricUnit: 'ms', bestDirection: 'higher' });
    const inSeconds = { ...OPEN.task, metric: { name: 'total', direction: 'minimize' as const, unit: 's' } };
    expect(piOf(ledger([]), { ...OPEN, task: inSeconds })[0]?.line).toMatchObject({ metricUnit: 's' });
  });
});
