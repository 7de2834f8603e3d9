// Whose trials' outputs may be cleared. An output serves scoring, and scoring may be repeated until the verdict is
// written down; after that only the best commit's is worth its place.
import type { Ledger } from './ledger.ts';
import { lanesOf, type OutputsReport, type StatusReport } from './report.ts';
import { viewOf } from './view.ts';

/** What decides about the outputs of one session. */
export interface OutputFacts extends OutputsReport {
  /** The incumbent's experiment; 0, the baseline, until something is better. */
  readonly best: number;
  /** The experiments of the trials that are under way, which may be new trials of old experiments. */
  readonly running: readonly number[];
}

/** Whether nobody wants the outputs of this experiment's trials any more. */
export function mayClear({ keep, recordedUpTo, best, running }: OutputFacts, experiment: number): boolean {
  return keep === 'best' && experiment <= recordedUpTo && experiment !== best && !running.includes(experiment);
}

/**
 * The facts as a session tells them. A session that is over has nothing under way and scores nothing again, whatever
 * it was doing when it ended. Null where its code is too old to say.
 */
export function factsOfReport(report: StatusReport, isOver: boolean): OutputFacts | null {
  const { best, outputs } = report;
  if (outputs === undefined) return null;
  const now = { ...outputs, best: best?.experiment ?? 0 };
  if (isOver) return { ...now, recordedUpTo: Number.POSITIVE_INFINITY, running: [] };
  return { ...now, running: lanesOf(report).map(({ experiment }) => experiment) };
}

/** The facts of a session that only its ledger still knows; null when that does not even say how it began. */
export function factsOfLedger(ledger: Ledger): OutputFacts | null {
  const [open] = ledger.events;
  const view = viewOf(ledger, '');
  if (open?.kind !== 'open' || view === null) return null;
  const keep = open.input.keepOutputs ?? 'best';
  return { keep, best: view.best?.experiment ?? 0, recordedUpTo: Number.POSITIVE_INFINITY, running: [] };
}
