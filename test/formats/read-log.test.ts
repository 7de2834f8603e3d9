import { describe, expect, it } from 'vitest';
import { readLog } from '../../src/formats/read-log.ts';
import { priorOfRecords, readRecords, writeRecords } from '../../src/formats/session-records.ts';
import { TRIAL, record } from '../cli/samples.ts';
import { problemsOf } from './problems.ts';

describe('a log of any program', () => {
  it('is told apart by its first line', () => {
    const logs = {
      karpathy: 'commit\tval_bpb\tmemory_gb\tstatus\tdescription\na1b2c3d\t0.997900\t44.0\tkeep\tbaseline\n',
      autokernel:
        'experiment\ttag\tkernel_type\tthroughput_tflops\tlatency_us\tpct_peak\tspeedup_vs_pytorch\tcorrectness\tpeak_vram_mb\tdescription\n0\tb\tmatmul\t5\t\t\t\tPASS\t\tbase\n',
      pi: '{"type":"config","name":"n","metricName":"m","metricUnit":"","bestDirection":"lower"}\n{"run":1,"commit":"a1b2c3d","metric":1,"metrics":{},"status":"keep","description":"\\"version\\":","timestamp":1,"segment":0,"confidence":null}\n',
      jsonl: writeRecords([record(1)]),
    };
    for (const [format, text] of Object.entries(logs)) expect(readLog(text).format).toBe(format);
  });

  it('is refused when it is none of them, is empty, or has no experiment', () => {
    for (const text of ['', '\n\n', 'experiment,commit\n1,abc\n', 'commit\tval_bpb\tstatus\n', '# a readme\n'])
      expect(problemsOf(() => readLog(text))).toEqual([
        expect.stringMatching(
          /^Expected a results\.tsv of karpathy\/autoresearch .*, got (an empty file|a first line)/,
        ),
      ]);
    expect(problemsOf(() => readLog('commit\tval_bpb\tmemory_gb\tstatus\tdescription\n'))).toEqual([
      'Expected a log with at least one experiment, got one without.',
    ]);
  });
});

describe('the records of a session', () => {
  const records = [
    record(1, { verdict: 'discard', hypothesis: 'größer\t🚀', trials: [{ ...TRIAL, failedCheck: 'tests failed' }] }),
    record(2, { verdict: 'dropped', candidate: null, value: null, trials: [] }),
  ];

  it('come out as they were read', () => {
    expect(readRecords(writeRecords(records))).toEqual(records);
    expect(priorOfRecords(records).segments[0]).toMatchObject({
      metric: null,
      experiments: [
        { number: 1, verdict: 'checks_failed', value: 2.7911 },
        { number: 2, verdict: 'dropped' },
      ],
    });
  });

  it('are refused where a line is none, or stands twice', () => {
    const [first = '', second = ''] = writeRecords(records).split('\n');
    const unknown = second.replace('"dropped"', '"kept"');
    expect(problemsOf(() => readRecords([first, first, unknown, '{'].join('\n')))).toEqual([
      'Line 2: Expected one record of experiment 1, got another.',
      expect.stringContaining('Line 3: Expected `verdict` to be one of keep, discard, crash'),
      'Line 4: Expected a JSON object, got "{".',
    ]);
  });
});
