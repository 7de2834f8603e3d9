// What a part of the benchmark is: it measures in pieces that are kept one by one, and tells its numbers as rows.
import type { z } from 'zod';

/** One number of the table. `ok` is null where there is no bound, or too little was measured to hold it against one. */
export interface Row {
  readonly number: string;
  readonly measured: string;
  readonly bound: string;
  readonly ok: boolean | null;
}

/** What the person asked for on the command line; each part has defaults of its own. */
export interface Options {
  /** All that issue and README promise: ten fresh starts instead of one. */
  readonly full: boolean;
  readonly seeds?: readonly number[] | undefined;
  readonly trialSeconds?: number | undefined;
  readonly experiments?: number | undefined;
}

/** What a part gets. */
export interface Bench {
  readonly options: Options;
  /** Progress, on stderr. */
  readonly say: (text: string) => void;
  /** Says what takes long, every few seconds, until it is done. */
  readonly during: <T>(what: string, act: () => Promise<T>) => Promise<T>;
  /**
   * Measures one piece, or, with `--resume`, takes what an earlier run measured under the same key: so a key names
   * everything that the value depends on.
   */
  readonly piece: <T>(key: string, schema: z.ZodType<T>, measure: () => Promise<T>) => Promise<T>;
}

/** A part: a few numbers that are measured together. */
export interface Part {
  readonly name: string;
  readonly about: string;
  /** Slow parts run only when they are named. */
  readonly slow?: true;
  readonly measure: (bench: Bench) => Promise<readonly Row[]>;
}

/** A row whose number must not be above its bound; `show` writes both. */
export function atMost(number: string, measured: number, bound: number, show: (value: number) => string): Row {
  return { number, measured: show(measured), bound: `<= ${show(bound)}`, ok: measured <= bound };
}

/** A row whose number must not be below its bound. */
export function atLeast(number: string, measured: number, bound: number, show: (value: number) => string): Row {
  return { number, measured: show(measured), bound: `>= ${show(bound)}`, ok: measured >= bound };
}

/** A row that is only told. */
export function told(number: string, measured: string): Row {
  return { number, measured, bound: '', ok: null };
}
