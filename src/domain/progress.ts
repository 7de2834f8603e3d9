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

/**
 * Reads one line of progress: `step 00123 (12.3%) | loss: 2.31 | remaining: 87s`, `step 12/100`, ` 12%|#  | 12/100`, `12%`.
 * With a percentage but no total, `of` is worked out from both, or is 100 when the percentage is all there is.
 * @returns undefined when the line says nothing about progress.
 */
export function parseProgressLine(line: string): ProgressLine | undefined {
  const counted = STEP_OF.exec(line);
  const bare = counted?.[2] === undefined ? BARE_OF.exec(line) : null;
  const percent = percentOf(line);
  const value = numberFrom(VALUE.exec(line)?.[1]);
  if (counted !== null) {
    const step = Number(counted[1]);
    return { step, of: numberFrom(counted[2]) ?? totalFrom(step, percent), value };
  }
  if (bare !== null && Number(bare[2]) > 0 && Number(bare[1]) <= Number(bare[2]))
    return { step: Number(bare[1]), of: Number(bare[2]), value };
  return percent === null ? undefined : { step: percent, of: 100, value };
}

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
