import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priorOfPi, readPi, writePi } from '../../src/formats/pi.ts';
import { piOf } from '../../src/formats/pi-ledger.ts';
import { OPEN, TRIAL, ledger, record } from '../cli/samples.ts';
import { commit, finite, oneLine } from './arbitraries.ts';
import { problemsOf } from './problems.ts';

const CONFIG = { type: 'config', name: 'faster', metricName: 'total_µs', metricUnit: 'µs', bestDirection: 'lower' };
const RUN = {
  run: 1,
  commit: 'a1b2c3d',
  metric: 15200,
  metrics: { compile_µs: 4200 },
  status: 'keep',
  description: 'baseline',
  timestamp: 1764000000000,
  segment: 0,
  confidence: null,
};
const HOOK = { type: 'hook', stage: 'after', exit_code: 0, duration_ms: 12, stdout_bytes: 40, timed_out: false };
const file = (...lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const run = fc.record({
  commit,
  metric: finite,
  metrics: fc.dictionary(fc.stringMatching(/^[A-Za-zµ][\w.µ]{0,9}$/), finite, { noNullPrototype: true, maxKeys: 4 }),
  status: fc.constantFrom('keep', 'discard', 'crash', 'checks_failed'),
  description: fc.oneof(oneLine, fc.string({ unit: 'binary' })),
  confidence: fc.option(finite),
  asi: fc.option(
    fc.dictionary(
      oneLine.filter((name) => name !== '__proto__'),
      fc.oneof(oneLine, finite, fc.constant(['a', { b: 1 }])),
      { noNullPrototype: true },
    ),
    {
      nil: undefined,
    },
  ),
});
const config = fc.record({
  name: oneLine,
  metricName: fc.constantFrom('total_µs', 'val_bpb', 'coverage.pct'),
  metricUnit: fc.constantFrom('', 'µs', 'ms'),
  bestDirection: fc.constantFrom('lower', 'higher'),
});
/** A log as they write it: runs counted on, segments by the config lines that follow a run, hooks in between. */
const log = fc
  .array(fc.record({ config, runs: fc.array(run, { minLength: 1, maxLength: 6 }), hook: fc.boolean() }), {
    minLength: 1,
  })
  .map((segments) => {
    let count = 0;
    return segments.flatMap(({ config: head, runs, hook }, segment) => [
      { type: 'config', ...head },
      ...runs.map(({ confidence, asi, commit: sha, metric, metrics, status, description }) => {
        const said = { run: ++count, commit: sha, metric, metrics, status, description, timestamp: 1764e9 + count };
        return { ...said, segment, confidence, ...(asi !== undefined && { asi }) };
      }),
      ...(hook ? [HOOK] : []),
    ]);
  });

describe('log.jsonl of pi-autoresearch', () => {
  it('comes out byte for byte as it was read: every segment, hooks, side information, any text', () => {
    fc.assert(
      fc.property(log, (lines) => {
        expect(writePi(readPi(file(...lines)))).toBe(file(...lines));
      }),
    );
  });

  it('keeps what a line has beside what is known of it', () => {
    const text = file({ ...CONFIG, theme: 'dark' }, { ...RUN, tokens: 5, tags: ['a'] });
    expect(writePi(readPi(text))).toBe(text);
  });

  it('is one segment for each metric: their numbers never stand in one list', () => {
    fc.assert(
      fc.property(log, (lines) => {
        const { segments } = priorOfPi(readPi(file(...lines)));
        const heads = lines.flatMap((line) => ('metricName' in line ? [line.metricName] : []));
        expect(segments.map(({ metric }) => metric)).toEqual(heads);
        const runs = lines.flatMap((line) => ('status' in line ? [line] : []));
        expect(segments.flatMap(({ experiments }) => experiments)).toEqual(
          runs.map(({ run: number, status, metric, metrics, description, commit: sha, timestamp }) => ({
            number,
            commit: sha,
            verdict: status,
            value: status === 'crash' ? null : metric,
            metrics,
            description,
            at: new Date(timestamp).toISOString(),
          })),
        );
      }),
    );
    const setUpTwice = priorOfPi(readPi(file(CONFIG, { ...CONFIG, metricName: 'val_bpb' }, RUN)));
    expect(setUpTwice.segments.map(({ metric, experiments }) => [metric, experiments.length])).toEqual([
      ['val_bpb', 1],
    ]);
  });

  it('names each corrupt line by its number, and never takes an unknown status for a keep', () => {
    const bad: [string, string][] = [
      ['{"run":2,"comm', 'a JSON object'],
      ['[]', 'a JSON object'],
      ['{"type":"note"}', 'a line of config, run or hook'],
      [
        JSON.stringify({ ...RUN, run: 2, status: 'kept' }),
        '`status` to be one of keep, discard, crash, checks_failed; got "kept"',
      ],
      [JSON.stringify({ ...RUN, run: 2, status: undefined }), '`status` to be one of keep, discard'],
      [JSON.stringify({ ...RUN, run: 2, metric: null }), '`metric` to be a number'],
      [JSON.stringify({ ...RUN, run: 2, metric: 1 }).replace('"metric":1', '"metric":1e999'), 'got Infinity'],
      [JSON.stringify({ ...RUN, run: 2, metrics: { 'a b': 1 } }), 'a metric to be called by letters'],
      [JSON.stringify({ ...RUN, run: 2, metrics: { constructor: 1 } }), 'a metric to be called by letters'],
      [JSON.stringify({ ...RUN, run: 2 }).replace('compile_µs', '__proto__'), 'no name `__proto__`'],
      [JSON.stringify({ ...RUN, run: 2 }).replace('compile_µs', '\\u005f_proto__'), 'no name `__proto__`'],
      [`{"status":"crash",${JSON.stringify({ ...RUN, run: 2 }).slice(1)}`, 'each name to stand in an object once'],
      [JSON.stringify({ ...RUN, run: 2 }).replace('{"compile', '{"compile_µs":1,"compile'), 'each name to stand'],
      [
        JSON.stringify({ ...RUN, run: 2, segment: 3 }),
        '`segment` to be 0, because of the config lines before it, got 3',
      ],
      [JSON.stringify(RUN), '`run` to be above 1, got 1'],
      [JSON.stringify({ ...HOOK, stage: 'during' }), '`stage` to be one of before, after'],
    ];
    for (const [line, said] of bad) {
      const text = `${file(CONFIG, RUN)}\n${line}\n${file({ ...RUN, run: 9 })}${line}\n`;
      const problems = problemsOf(() => readPi(text));
      expect(problems.filter((one) => one.startsWith('Line 4: Expected ')).join()).toContain(said);
      expect([...new Set(problems.map((one) => one.split(':')[0]))]).toEqual(['Line 4', 'Line 6']);
    }
  });

  it('is refused where the direction or the metric is missing, without taking the lines after it amiss', () => {
    const { bestDirection: _direction, ...undirected } = CONFIG;
    expect(
      problemsOf(() => readPi(file(undirected, RUN, { ...CONFIG, metricName: 'prototype' }, { ...RUN, segment: 1 }))),
    ).toEqual([
      'Line 1: Expected `bestDirection` to be one of lower, higher; got nothing.',
      'Line 3: Expected a metric to be called by letters, digits, `_`, `.`, got "prototype".',
    ]);
    expect(problemsOf(() => readPi(file(RUN, { ...RUN, run: 2 }, CONFIG)))).toEqual([
      'Line 1: Expected a config line before the first run, got none.',
    ]);
    expect(problemsOf(() => readPi(file(HOOK)))).toEqual([
      'Expected a config line, which says what the metric is, got none.',
    ]);
  });
});

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

  it('says unit and direction as they do', () => {
    const task = { ...OPEN.task, metric: { name: 'latency_ms', direction: 'maximize' as const } };
    expect(piOf(ledger([]), { ...OPEN, task })[0]?.line).toMatchObject({ metricUnit: 'ms', bestDirection: 'higher' });
  });
});
