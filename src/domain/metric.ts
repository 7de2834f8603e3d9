import { z } from 'zod';
import { METRIC_NAME, type Direction } from './task.ts';

/** What a text said of a metric: its value with every other number beside it, or why there is none. */
export type Reading =
  | { readonly kind: 'value'; readonly value: number; readonly metrics: Readonly<Record<string, number>> }
  | { readonly kind: 'none'; readonly reason: string };

const METRIC_LINE = /^METRIC\s+([\w.µ]+)=(\S+)\s*$/;
const SUMMARY_LINE = /^([A-Za-z_][\w.]*):\s+(\S+)\s*$/;
/** Summaries are also for people: AutoKernel's says `19.0%` and `1.200x`. */
const WITH_UNIT = /^(.*\d\.?)[%x]$/;

/** Whether a text can name a metric. */
export const isMetricName = (name: string): boolean => METRIC_NAME.test(name);

/**
 * Reads `METRIC name=value` lines (the field's common form) and, with `summary`, karpathy's `name: value` lines, also with
 * a `%` or an `x` behind the number. A `\r` ends a line too. The metric asked for must stand there once, or always with
 * the same value: of two different ones nobody can say which is meant, but where it is known that the `last` is. Other
 * numbers are kept as they come, the last one wins.
 */
export function readMetric(
  text: string,
  name: string,
  options: { readonly summary: boolean; readonly last?: boolean },
): Reading {
  const metrics: Record<string, number> = {};
  const seen = new Map<number | string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const summary = options.summary ? SUMMARY_LINE.exec(line) : null;
    const [, key, raw] = METRIC_LINE.exec(line) ?? summary ?? [];
    if (key === undefined || raw === undefined || !isMetricName(key)) continue;
    const value = Number(summary === null ? raw : raw.replace(WITH_UNIT, '$1'));
    if (key === name && options.last === true) seen.clear();
    // `1.5` and `1.50` are one value; what is no number is known by its text alone.
    if (key === name) seen.set(Number.isFinite(value) ? value : raw, raw);
    if (Number.isFinite(value)) metrics[key] = value;
  }
  if (seen.size === 0)
    return { kind: 'none', reason: `Expected a line with \`${name}\`, got none${otherLines(metrics)}.` };
  if (seen.size > 1)
    return {
      kind: 'none',
      reason: `Expected \`${name}\` once, got it with different values: ${[...seen.values()].slice(0, 3).join(', ')}.`,
    };
  const [value] = seen.keys();
  if (typeof value !== 'number')
    return {
      kind: 'none',
      reason: `Expected \`${name}\` to be a finite number, got ${[...seen.values()].join().slice(0, 40)}.`,
    };
  return { kind: 'value', value, metrics };
}

/** So many names say which one was meant. */
const MOST_NAMED = 5;

/** Which metrics there are where the one that was asked for is not; empty where there are none. */
function otherLines(metrics: Readonly<Record<string, number>>): string {
  const names = Object.keys(metrics).map((name) => `\`${name}\``);
  if (names.length === 0) return '';
  const more = names.length > MOST_NAMED ? ' and others' : '';
  return `; there are lines with ${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/**
 * Reads the line `DOCUMENTS [[places, sum], …]` with which a scorer tells its sums by document; undefined where there is
 * none that is whole.
 */
export function readDocuments(text: string): [number, number][] | undefined {
  const line = text.split(/\r?\n/).findLast((one) => one.startsWith('DOCUMENTS '));
  const read = documentsSchema.safeParse(line === undefined ? undefined : parsed(line.slice('DOCUMENTS '.length)));
  return read.success ? read.data : undefined;
}

const documentsSchema = z.array(z.tuple([z.number(), z.number()])).min(1);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A metric's value as a score: oriented so that lower is better. */
export function scoreOf(value: number, direction: Direction): number {
  return direction === 'minimize' ? value : -value;
}

/** The value of a score: the way back. */
export function valueOf(score: number, direction: Direction): number {
  return scoreOf(score, direction); // turned round twice is as it was
}

/** How much better `value` is than `reference`: positive is good, whatever the direction. */
export function gainOver(reference: number, value: number, direction: Direction): number {
  return scoreOf(reference, direction) - scoreOf(value, direction);
}
