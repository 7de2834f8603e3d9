/** How far a trial is, as heartbeats and views carry it. Unknown is null. */
export interface Progress {
  /** `preparing` (tree), `waiting` (for the device), `training`, `ending` (stopping and cleaning up). */
  readonly phase: 'preparing' | 'waiting' | 'training' | 'ending';
  readonly step: number | null;
  readonly of: number | null;
  /** What the training says its loss or metric is now; for the eye only, never a result. */
  readonly value: number | null;
  /** Seconds of the training itself; 0 before it starts. */
  readonly elapsedSeconds: number;
  readonly pid: number | null;
}

/** What one line of a training's output says about how far it is. */
export type ProgressLine = Pick<Progress, 'step' | 'of' | 'value'>;

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const STEP_OF = /(?:\b(?:step|iter(?:ation)?|epoch|batch)\b\s*[:=]?\s*\[?\s*)(\d+)(?:\s*(?:\/|\bof\b)\s*(\d+))?/i;
const BARE_OF = /(?:^|[\s[|(])(\d+)\s*\/\s*(\d+)(?=[\s\]|),:]|$)/;
const PERCENT = /(?:^|[^\d.])(\d{1,3}(?:\.\d+)?)\s*%/;
const VALUE = new RegExp(String.raw`\b(?:\w*loss|\w*bpb|\w*acc(?:uracy)?)\b\s*[:=]\s*(${NUMBER})`, 'i');
const NO_VALUE = /\b(?:\w*loss|\w*bpb)\b["']?\s*[:=]?\s*[-+]?(?:nan|inf(?:inity)?)\b/i;
const TOTAL = /^\s*(?:METRIC\s+)?(?:num_|total_)?steps\s*[:=]\s*(\d+)\s*$/i;

/**
 * Reads one line of progress: `step 00123 (12.3%) | loss: 2.31 | remaining: 87s`, `step 12/100`, ` 12%|#  | 12/100`, `12%`.
 * With a percentage but no total, `of` is worked out from both, or is 100 when the percentage is all there is.
 * @returns undefined when the line says nothing about progress.
 */
export function parseProgressLine(line: string): ProgressLine | undefined {
  const percent = percentOf(line);
  const value = numberFrom(VALUE.exec(line)?.[1]);
  const count = countIn(line);
  if (count !== null) return { step: count.step, of: count.of ?? totalFrom(count.step, percent), value };
  return percent === null ? undefined : { step: percent, of: 100, value };
}

/** The steps that a line counts, and of how many where it says so. */
function countIn(line: string): (Pick<Progress, 'of'> & { readonly step: number }) | null {
  const counted = STEP_OF.exec(line);
  if (counted !== null) return { step: Number(counted[1]), of: numberFrom(counted[2]) };
  const bare = BARE_OF.exec(line);
  const isCount = bare !== null && Number(bare[2]) > 0 && Number(bare[1]) <= Number(bare[2]);
  return isCount ? { step: Number(bare[1]), of: Number(bare[2]) } : null;
}

/**
 * How many steps a training made, by the end of what it printed: a summary such as `num_steps: 950`, else the last line
 * that counts. Null where nothing does; a percentage is no count. What a training says of itself is a fact about what it
 * printed, nothing more.
 */
export function lastStep(text: string): number | null {
  const lines = linesOf(text);
  const total = lines.map((line) => TOTAL.exec(line)?.[1]).findLast((found) => found !== undefined);
  return numberFrom(total) ?? lines.map(countIn).findLast((count) => count !== null)?.step ?? null;
}

/** Whether the last loss that a training printed is NaN or infinite. */
export function saysNotANumber(text: string): boolean {
  const last = linesOf(text).findLast((line) => VALUE.test(line) || NO_VALUE.test(line));
  return last !== undefined && NO_VALUE.test(last);
}

const linesOf = (text: string): string[] => text.split(/[\r\n]+/);

function percentOf(line: string): number | null {
  // tqdm and others write the share done first; a later percentage (MFU, hit rate) is something else.
  const percent = numberFrom(PERCENT.exec(line)?.[1]);
  return percent !== null && percent <= 100 ? percent : null;
}

function totalFrom(step: number, percent: number | null): number | null {
  return percent === null || percent === 0 ? null : Math.max(step, Math.round((step * 100) / percent));
}

function numberFrom(text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
