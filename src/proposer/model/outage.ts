// That a model cannot be asked, as a file of the session: whoever proposes next knows it, in whatever process.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { folderName } from '../../domain/names.ts';
import { sentence } from '../../domain/sentence.ts';
import { readJson, writeJson } from '../../trainer/durable-file.ts';

/** After so many failed questions in a row a model counts as down. */
const FAILURES = 3;
/** So often one that is down is asked again. */
const PROBE_EVERY_MS = 5 * 60_000;

const outageSchema = z.object({
  /** ISO times. */
  since: z.string(),
  notBefore: z.string(),
  failures: z.int().min(1),
  reason: z.string(),
});
/** Questions that failed since the last answer. */
export type Outage = z.output<typeof outageSchema>;

/** One more failed question. */
export interface Failure {
  readonly reason: string;
  readonly afterMs?: number | undefined;
}

const pathOf = (proposals: string, session: string): string => join(proposals, folderName(session), 'outage.json');

/** What failed since the last answer; null where nothing did. */
export function readOutage(proposals: string, session: string): Outage | null {
  const found = readJson(pathOf(proposals, session), outageSchema);
  return found.status === 'ok' ? found.value : null;
}

/** Writes down that a question failed, at a time in milliseconds since 1970. */
export function noteFailure(proposals: string, session: string, { reason, afterMs = 0 }: Failure, now: number): void {
  const before = readOutage(proposals, session);
  const failures = 1 + (before?.failures ?? 0);
  const pause = failures < FAILURES ? afterMs : Math.max(PROBE_EVERY_MS, afterMs);
  const path = pathOf(proposals, session);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const outage = { since: before?.since ?? isoTime(now), notBefore: isoTime(now + pause), failures, reason };
  writeJson(path, outage satisfies Outage);
}

/** Writes down that it answered. */
export function noteAnswer(proposals: string, session: string): void {
  rmSync(pathOf(proposals, session), { force: true });
}

/** Whether it may be asked now. */
export const mayAsk = (outage: Outage | null, now: number): boolean =>
  outage === null || now >= Date.parse(outage.notBefore);

/** Whether it counts as down. */
export const isDown = (outage: Outage | null): boolean => outage !== null && outage.failures >= FAILURES;

/** An outage in words for people; null where the model is not down. */
export function outageWords(outage: Outage | null): string | null {
  if (outage === null || !isDown(outage)) return null;
  const minutes = PROBE_EVERY_MS / 60_000;
  return `The model is down since ${outage.since}: ${sentence(outage.reason)} \`search\` goes on alone, and the model is asked again every ${minutes} minutes.`;
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
