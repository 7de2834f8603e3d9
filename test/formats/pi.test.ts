import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priorOfPi, readPi, writePi } from '../../src/formats/pi.ts';
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

/** What is kept of one run's side information. */
const notesOf = (more: object) =>
  priorOfPi(readPi(file(CONFIG, { ...RUN, ...more }))).segments[0]?.experiments[0]?.notes;

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
          runs.map(({ run: number, status, metric, metrics, description, commit: sha, timestamp }) =>
            expect.objectContaining({
              number,
              commit: sha,
              verdict: status,
              value: status === 'crash' ? null : metric,
              metrics,
              description,
              at: new Date(timestamp).toISOString(),
            }),
          ),
        );
      }),
    );
    const setUpTwice = priorOfPi(readPi(file(CONFIG, { ...CONFIG, metricName: 'val_bpb' }, RUN)));
    expect(setUpTwice.segments.map(({ metric, experiments }) => [metric, experiments.length])).toEqual([
      ['val_bpb', 1],
    ]);
  });

  it('keeps the sentences of the side information, a few and short: why an idea went wrong, what to try next', () => {
    const asi = {
      hypothesis: 'a wider layer learns more',
      rollback_reason: 'out of memory\nat step 3',
      base: '0'.repeat(40),
      gain: -0.1,
      next_action_hint: `halve the batch ${'x'.repeat(900)}`,
      tried: ['a list'],
    };
    expect(notesOf({ asi })).toEqual([
      'rollback_reason: out of memory at step 3',
      `next_action_hint: halve the batch ${'x'.repeat(900)}`.slice(0, 200),
    ]);
    expect(
      notesOf({ asi: Object.fromEntries(Array.from({ length: 30 }, (_none, k) => [`n${k}`, 'so it was'])) }),
    ).toHaveLength(4);
    expect(notesOf({ asi: { hypothesis: 'a wider layer' } })).toBeUndefined();
    expect(notesOf({})).toBeUndefined();
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
      [JSON.stringify({ ...RUN, run: 2, metrics: { 'a b': 1 } }), 'a metric to have a name of letters'],
      [JSON.stringify({ ...RUN, run: 2, metrics: { constructor: 1 } }), 'a metric to have a name of letters'],
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
      'Line 3: Expected a metric to have a name of letters, digits, `_`, `.`, and none of `__proto__`, `constructor`, `prototype`; got "prototype".',
    ]);
    expect(problemsOf(() => readPi(file(RUN, { ...RUN, run: 2 }, CONFIG)))).toEqual([
      'Line 1: Expected a config line before the first run, got none.',
    ]);
    expect(problemsOf(() => readPi(file(HOOK)))).toEqual([
      'Expected a config line, which says what the metric is, got none.',
    ]);
  });
});
