import type { PriorExperiment, PriorLog } from '../../domain/prior.ts';

/** More lines than this say little more, and each is paid for with every prompt. */
const MOST_LINES = 200;
const MOST_LETTERS = 300;

/**
 * What other programs say that they tried, a line each: the kept ones first of all where there are too many, then the
 * newest. Verdicts and words without a number: those would be read as something to beat.
 */
export function hearsayOf(logs: readonly PriorLog[]): string[] {
  const segments = logs.flatMap((log) => log.segments);
  // A log that has grown was imported again, and has its first lines twice.
  const lines = new Map(
    segments.flatMap(({ metric, experiments }) =>
      experiments.filter(isTold).map((one) => [lineOf(one, metric), one.verdict === 'keep'] as const),
    ),
  );
  const all = [...lines].map(([line, isKept]) => ({ line, isKept }));
  const byWorth = [...all.filter(({ isKept }) => !isKept), ...all.filter(({ isKept }) => isKept)];
  const told = new Set(byWorth.slice(-MOST_LINES));
  return all.filter((one) => told.has(one)).map(({ line }) => line);
}

/** What never got a verdict tells nothing of the idea. */
const isTold = ({ verdict, description }: PriorExperiment): boolean =>
  verdict !== 'dropped' && verdict !== 'failed' && verdict !== 'undecided' && description.trim() !== '';

const WORDS: Partial<Record<PriorExperiment['verdict'], string>> = {
  checks_failed: 'not correct',
  measured: 'correct, who knows whether kept',
};

function lineOf({ verdict, description, notes = [] }: PriorExperiment, metric: string | null): string {
  const how = `${WORDS[verdict] ?? verdict}${metric === null ? '' : ` (by ${metric})`}`;
  return [how, ...[description, notes.join('; ')].map(short).filter((text) => text !== '')].join(' · ');
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line;
}
