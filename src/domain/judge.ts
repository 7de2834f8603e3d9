// Judges the records of a session again, by another rule, without running anything: what would it have kept?
import { refusalOf, unknownRuleIn } from './cautions.ts';
import { evidenceOf, type Course } from './course.ts';
import { courseOf } from './ledger-course.ts';
import { decide, type Decision, type JudgedTrial } from './decide.ts';
import type { ExperimentRecord, Verdict } from './experiment.ts';
import { InvalidInput } from './invalid-input.ts';
import { leastOf } from './least-gain.ts';
import type { Ledger } from './ledger.ts';
import type { Rule } from './session.ts';
import type { Task } from './task.ts';

/** One experiment under another rule. */
export interface Rejudged {
  readonly experiment: number;
  readonly hypothesis: string;
  readonly was: Verdict;
  /** `open`: the rule would have asked for a trial that was never run. */
  readonly now: Verdict | 'open';
  readonly gain: number | null;
  readonly reason: string;
  /** How many of its trials the rule would have needed. */
  readonly trials: number;
}

/**
 * Each experiment that trained, judged by `rule` against what was believed of its incumbent at the time. One after the
 * other, not as a whole night: what another rule had kept, nobody has built on. Throws `InvalidInput` for a ledger
 * without a baseline, or with records of a rule version that this program does not know.
 */
export function judgeAgain(ledger: Ledger, rule: Rule): Rejudged[] {
  refuseUnknown(ledger.experiments);
  const task = ledger.events.find((event) => event.kind === 'open')?.task;
  const asked: Asked = { direction: task?.metric.direction ?? 'minimize', least: task && leastOf(task) };
  const judged: Rejudged[] = [];
  const course = courseOf(ledger, (record, before) => {
    if (record.trials.length > 0) judged.push(rejudge(before, record, rule, asked));
  });
  if (course === null) throw new InvalidInput('Expected a session whose baseline was measured, got none.');
  return judged;
}

/** What of the task a verdict hangs on. */
type Asked = Pick<Task['metric'], 'direction' | 'least'>;

function rejudge(course: Course, record: ExperimentRecord, rule: Rule, asked: Asked): Rejudged {
  const { decision, used } = replay(course, record, rule, asked);
  const { experiment, hypothesis, verdict: was } = record;
  const head = { experiment, hypothesis, was, trials: used };
  if (decision.kind === 'verdict')
    return { ...head, now: decision.verdict, gain: decision.gain, reason: decision.reason };
  return { ...head, now: 'open', gain: null, reason: `it would have asked for another trial of the ${decision.arm}` };
}

function refuseUnknown(records: readonly ExperimentRecord[]): void {
  const strange = unknownRuleIn(records);
  if (strange !== undefined) throw new InvalidInput(refusalOf(strange, 'judge them'));
}

/** Gives the rule the trials that there were, in its own order, until it has a verdict or wants one that was not run. */
function replay(
  course: Course,
  record: ExperimentRecord,
  rule: Rule,
  { direction, least }: Asked,
): { decision: Decision; used: number } {
  const left = [...record.trials];
  const trials: (ExperimentRecord['trials'][number] & JudgedTrial)[] = [];
  for (;;) {
    const { netLines, pooled } = record;
    const decision = decide({ ...evidenceOf(course, { rule, netLines, trials, pooled }, direction), least });
    if (decision.kind === 'verdict') return { decision, used: trials.length };
    const next = left.findIndex(({ role }) => (role === 'incumbent') === (decision.arm === 'incumbent'));
    if (next === -1) return { decision, used: trials.length };
    trials.push(...left.splice(next, 1));
  }
}
