// What `results --format jsonl` prints of a session: one record in a line. It does not say what the metric is.
import { experimentRecordSchema, type ExperimentRecord } from '../domain/experiment.ts';
import { InvalidInput, parse } from '../domain/invalid-input.ts';
import type { PriorExperiment, PriorLog } from '../domain/prior.ts';
import { needMetricNames, objectIn } from './json-line.ts';
import { failedCheckOf } from './ledger-rows.ts';
import { linesOf, readEach } from './log-lines.ts';

/** Reads a session's records; throws `InvalidInput` that names every line which is none, or is another's again. */
export function readRecords(text: string): readonly ExperimentRecord[] {
  const seen = new Set<number>();
  return readEach(linesOf(text), (line) => {
    const value = objectIn(line.text);
    const record = parse(experimentRecordSchema, value, 'the record');
    needMetricNames(record.trials.flatMap(({ metrics }) => Object.keys(metrics)));
    const { experiment } = record;
    if (seen.has(experiment)) throw new InvalidInput(`Expected one record of experiment ${experiment}, got another.`);
    seen.add(experiment);
    return record;
  });
}

/** One record in a line. */
export const writeRecords = (records: readonly ExperimentRecord[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** A session's records as what was tried before. */
export function priorOfRecords(records: readonly ExperimentRecord[]): PriorLog {
  const experiments = records.map((record): PriorExperiment => {
    const { experiment, candidate, verdict, value, trials, hypothesis, endedAt } = record;
    const checksFailed = verdict === 'discard' && failedCheckOf(record) !== undefined;
    return {
      number: experiment,
      commit: candidate,
      verdict: checksFailed ? 'checks_failed' : verdict,
      value,
      metrics: trials.findLast(({ role }) => role === 'candidate')?.metrics ?? {},
      description: hypothesis,
      at: endedAt,
    };
  });
  return {
    version: 1,
    format: 'jsonl',
    segments: [{ name: '', metric: null, unit: null, direction: null, experiments }],
  };
}
