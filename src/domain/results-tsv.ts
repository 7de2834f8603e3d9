// results.tsv, the ledger's table for people: made anew from the records each time.
import type { ExperimentRecord } from './experiment.ts';

/** One experiment's row of results.tsv; an empty value means "none", never zero. */
export function resultsRow(record: ExperimentRecord): string {
  const cells = [
    String(record.experiment),
    record.candidate?.slice(0, 7) ?? '',
    record.value === null ? '' : String(record.value),
    record.gain === null ? '' : String(record.gain),
    record.verdict,
    String(record.trials.length),
    record.hypothesis,
  ];
  return cells.map((cell) => cell.replaceAll(/[\t\r\n]+/g, ' ')).join('\t');
}

/** The header of results.tsv. */
export const RESULTS_HEADER = 'experiment\tcommit\tvalue\tgain\tverdict\ttrials\thypothesis';

/** results.tsv, regenerated from the records. */
export function resultsTsv(records: readonly ExperimentRecord[]): string {
  return `${[RESULTS_HEADER, ...records.map(resultsRow)].join('\n')}\n`;
}
