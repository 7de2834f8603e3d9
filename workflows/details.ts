import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { chanceText } from '../src/domain/assessment.ts';
import { claimedGain, type Belief } from '../src/domain/belief.ts';
import { cautionsOf } from '../src/domain/cautions.ts';
import { noiseText } from '../src/domain/noise.ts';
import { dataOf, failuresOf, lanesOf, measureOf, originOfBest, type StatusReport } from '../src/domain/report.ts';
import { retainedText } from '../src/domain/scale.ts';

/** Search attributes by name; registered by the worker at start, upserted only where the server has them rightly. */
const SEARCH_ATTRIBUTES = {
  BestScore: defineSearchAttributeKey('BestScore', SearchAttributeType.DOUBLE),
  SessionStatus: defineSearchAttributeKey('SessionStatus', SearchAttributeType.KEYWORD),
  ResearchTask: defineSearchAttributeKey('ResearchTask', SearchAttributeType.KEYWORD),
  Experiments: defineSearchAttributeKey('Experiments', SearchAttributeType.INT),
  Kept: defineSearchAttributeKey('Kept', SearchAttributeType.INT),
};

/** The limit on current details is 20,000 bytes; ten experiments stay far below. */
export function showDetails(report: StatusReport): void {
  setCurrentDetails(detailsTable(report));
}

/** Makes the values that changed since `before` searchable; returns what is searchable now. */
export function showSearchAttributes(report: StatusReport, known: readonly string[], before: string): string {
  const values = {
    BestScore: report.best?.value,
    SessionStatus: report.status,
    ResearchTask: report.task,
    Experiments: report.counts.total,
    Kept: report.counts.kept,
  };
  const now = JSON.stringify(values);
  if (now === before || known.length === 0) return now;
  const pairs: SearchAttributePair[] = [];
  const has = (name: keyof typeof SEARCH_ATTRIBUTES): boolean => known.includes(name);
  if (has('BestScore') && values.BestScore !== undefined)
    pairs.push({ key: SEARCH_ATTRIBUTES.BestScore, value: values.BestScore });
  if (has('SessionStatus')) pairs.push({ key: SEARCH_ATTRIBUTES.SessionStatus, value: values.SessionStatus });
  if (has('ResearchTask')) pairs.push({ key: SEARCH_ATTRIBUTES.ResearchTask, value: values.ResearchTask });
  if (has('Experiments')) pairs.push({ key: SEARCH_ATTRIBUTES.Experiments, value: values.Experiments });
  if (has('Kept')) pairs.push({ key: SEARCH_ATTRIBUTES.Kept, value: values.Kept });
  if (pairs.length > 0) upsertSearchAttributes(pairs);
  return now;
}

/** The session's state as a Markdown table: what the Temporal UI shows under "User Metadata". */
export function detailsTable(report: StatusReport): string {
  const { best, baseline } = report;
  const rows = [
    ['status', report.reason === null ? report.status : `${report.status}: ${report.reason}`],
    ['task', report.task === '' ? '' : `${report.task} (${measureOf(report)}, ${report.direction})`],
    ['best', bestText(report)],
    ['gain over the baseline', best === null || baseline === null ? '' : gainText(report, best, baseline)],
    ['audit', auditText(report)],
    ['longer trainings', (report.scale ?? []).map((one) => retainedText(one, number)).join('; ')],
    ['note', cautionsOf(report).join('; ')],
    [
      'experiments',
      `${report.counts.total} of ${report.budget.experiments}, ${report.counts.kept} kept, ${report.counts.crashed} crashed`,
    ],
    ...lanesOf(report).map((running) => [
      'now',
      `experiment ${running.experiment}: ${running.stage}, seed ${running.seed}, ${running.hypothesis}`,
    ]),
    ['branch', `\`${report.branch}\``],
  ].filter(([, text]) => text !== '');
  const table = ['| session | so far |', '|---|---|', ...rows.map(([name, text]) => `| ${name} | ${cell(text)} |`)];
  const last = report.last.toReversed().map((line) => {
    const gained = line.gain === null ? '' : number(line.gain);
    const chance = line.better === undefined ? '' : chanceText(line.better);
    const { experiment, verdict, trials, hypothesis } = line;
    return `| ${experiment} | ${verdict} | ${gained} | ${chance} | ${trials} | ${cell(hypothesis)} |`;
  });
  const head = ['| # | verdict | gain | P | trials | hypothesis |', '|---|---|---|---|---|---|'];
  return [...table, '', ...head, ...last].join('\n');
}

function bestText(report: StatusReport): string {
  const { best } = report;
  if (best === null) return '';
  const error = best.stderr === null ? '(error unknown)' : `± ${best.stderr.toPrecision(2)}`;
  const trials = `${best.trials} ${best.trials === 1 ? 'trial' : 'trials'}`;
  return `${number(best.value)} ${error}, ${originOfBest(report)}, ${trials}, \`${best.commit.slice(0, 7)}\``;
}

function gainText(report: StatusReport, best: Belief, baseline: Belief): string {
  const beside = `noise ${noiseText(report, (value) => value.toPrecision(2))}, tier ${report.tier ?? '?'}`;
  if (best.commit === baseline.commit) return `none yet; ${beside}`;
  const { claimed, low, high } = claimedGain(baseline, best, report.direction);
  const interval = low === null || high === null ? '' : ` [${number(low)}, ${number(high)}]`;
  return `${number(claimed)}${interval}; ${beside}`;
}

/** The claim measured again, with fresh seeds. */
function auditText({ audit, best }: StatusReport): string {
  if (audit == null) return '';
  const where = dataOf(audit);
  const why = failuresOf(audit);
  const verdict = audit.passed ? 'the claim holds' : `THE CLAIM DOES NOT HOLD${why === '' ? '' : `: ${why}`}`;
  const whose = audit.commit === best?.commit ? '' : ` (of ${audit.commit.slice(0, 7)}, before)`;
  const { gain, low, high } = audit;
  const interval = low === null || high === null ? '' : ` [${number(low)}, ${number(high)}]`;
  return `${gain === null ? 'no value' : number(gain)}${interval} on ${where}, fresh seeds: ${verdict}${whose}`;
}

const number = (value: number): string => value.toPrecision(5);
const cell = (text: string | undefined): string => (text ?? '').replaceAll('|', '\\|').replaceAll('\n', ' ');
