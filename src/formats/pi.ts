// pi-autoresearch's log.jsonl: a config line, run lines, hook lines; a further config line begins a new segment, which
// may have another metric. Its own reader takes an unknown status for `keep` and skips bad lines; this one names them.
import { z } from 'zod';
import { InvalidInput, parse } from '../domain/invalid-input.ts';
import type { PriorExperiment, PriorLog, PriorSegment } from '../domain/prior.ts';
import { commitIn, inOneCell } from './cells.ts';
import { needMetricNames, objectIn } from './json-line.ts';
import { linesOf, needNone, readEach } from './log-lines.ts';

// The names stand in the order in which they are written; what else a line has stays, after them.
const configSchema = z.looseObject({
  type: z.literal('config'),
  name: z.string(),
  metricName: z.string(),
  metricUnit: z.string(),
  bestDirection: z.enum(['lower', 'higher']),
});
const runSchema = z.looseObject({
  run: z.int().min(1),
  commit: z.string(),
  metric: z.number(),
  metrics: z.record(z.string(), z.number()),
  status: z.enum(['keep', 'discard', 'crash', 'checks_failed']),
  description: z.string(),
  timestamp: z.number(),
  segment: z.int().min(0),
  confidence: z.number().nullable(),
  asi: z.record(z.string(), z.unknown()).optional(),
});
const hookSchema = z.looseObject({
  type: z.literal('hook'),
  stage: z.enum(['before', 'after']),
  exit_code: z.number().nullable(),
  duration_ms: z.number(),
  stdout_bytes: z.number(),
  timed_out: z.boolean(),
});

/** A config line. */
export type Config = z.output<typeof configSchema>;
/** A run line. */
export type Run = z.output<typeof runSchema>;
/** A hook line. */
export type Hook = z.output<typeof hookSchema>;
/** A line of the log. */
export type PiLine =
  | { readonly kind: 'config'; readonly line: Config }
  | { readonly kind: 'run'; readonly line: Run }
  | { readonly kind: 'hook'; readonly line: Hook };

/** Reads a log.jsonl; throws `InvalidInput` that names every line which is none of its lines. */
export function readPi(text: string): readonly PiLine[] {
  const place = { configs: 0, segment: 0, runs: 0, last: 0 };
  const lines = readEach(linesOf(text), (line) => {
    const value = objectIn(line.text);
    const type = value['type'] ?? ('run' in value ? 'run' : undefined);
    if (type === 'config') {
      place.configs++;
      if (place.runs > 0) place.segment++; // set up anew before anything ran, it is the same segment
      [place.runs, place.last] = [0, 0];
      return readConfig(value);
    }
    if (type === 'run') {
      place.runs++;
      const run = readRun(value);
      needPlace(run.line, place);
      place.last = run.line.run;
      return run;
    }
    if (type === 'hook') return { kind: 'hook', line: parse(hookSchema, value, 'the hook line') } as const;
    throw new InvalidInput(`Expected a line of config, run or hook, got ${JSON.stringify(line.text.slice(0, 60))}.`);
  });
  if (place.configs > 0) return lines;
  throw new InvalidInput('Expected a config line, which says what the metric is, got none.');
}

type Value = Readonly<Record<string, unknown>>;

function readConfig(value: Value): PiLine & { readonly kind: 'config' } {
  const line = parse(configSchema, value, 'the config line');
  needMetricNames([line.metricName]);
  return { kind: 'config', line };
}

function readRun(value: Value): PiLine & { readonly kind: 'run' } {
  const { metrics } = value;
  needMetricNames(Object.keys(typeof metrics === 'object' && metrics !== null ? metrics : {}));
  return { kind: 'run', line: parse(runSchema, value, 'the run line') };
}

interface Place {
  readonly configs: number;
  readonly segment: number;
  /** Of this segment. */
  readonly runs: number;
  readonly last: number;
}

/** A run belongs to the segment that it stands in, and is counted on from the one before it. */
function needPlace({ run, segment }: Run, { configs, segment: expected, runs, last }: Place): void {
  needNone([
    configs === 0 && runs === 1 && 'Expected a config line before the first run, got none.',
    segment !== expected &&
      `Expected \`segment\` to be ${expected}, because of the config lines before it, got ${segment}.`,
    run <= last && `Expected \`run\` to be above ${last}, got ${run}.`,
  ]);
}

/** Writes a log.jsonl: what was read comes out as it was. */
export const writePi = (lines: readonly PiLine[]): string =>
  lines.map(({ line }) => `${JSON.stringify(line)}\n`).join('');

/** A log.jsonl as what was tried before. */
export function priorOfPi(lines: readonly PiLine[]): PriorLog {
  const segments: (PriorSegment & { readonly experiments: PriorExperiment[] })[] = [];
  for (const { kind, line } of lines) {
    const now = segments.at(-1);
    if (kind === 'config') {
      if (now?.experiments.length === 0) segments.pop(); // it was set up anew before anything ran
      segments.push({
        name: line.name,
        metric: line.metricName,
        unit: line.metricUnit,
        direction: line.bestDirection === 'lower' ? 'minimize' : 'maximize',
        experiments: [],
      });
    }
    if (kind === 'run') now?.experiments.push(experimentOf(line));
  }
  return { version: 1, format: 'pi', segments };
}

function experimentOf({ run, commit, metric, metrics, status, description, timestamp, asi }: Run): PriorExperiment {
  const date = new Date(timestamp);
  const notes = notesIn(asi ?? {});
  return {
    number: run,
    commit: commitIn(commit),
    verdict: status,
    value: status === 'crash' ? null : metric,
    metrics,
    description,
    ...(notes.length > 0 && { notes }),
    ...(Number.isNaN(date.getTime()) ? {} : { at: date.toISOString() }),
  };
}

/** More than this is no note; what an agent writes there is bounded by nothing. */
const MOST_NOTES = 4;
const LONGEST_NOTE = 200;

/** Why an idea was rolled back, and what its agent would try next: the sentences of its side information, in its order. */
function notesIn({ hypothesis: _asDescribed, ...others }: NonNullable<Run['asi']>): string[] {
  const said = Object.entries(others).flatMap(([name, value]) =>
    typeof value === 'string' && /\S\s+\S/.test(value) ? [inOneCell(`${name.slice(0, 40)}: ${value}`)] : [],
  );
  return said.slice(0, MOST_NOTES).map((note) => note.slice(0, LONGEST_NOTE));
}
