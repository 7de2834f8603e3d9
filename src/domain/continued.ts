// A session that goes on from its ledger alone: because the server forgot it, or because a person wants more of it.
import { auditBaselineOf, splitOf, type Audited } from './audit-evidence.ts';
import { NO_WORK, addWork, type Work } from './budget.ts';
import type { Course } from './course.ts';
import { unauditedLine } from './ledger-course.ts';
import { alsoUsual, usualOf, type Usual } from './flags.ts';
import { signsOf } from './signs.ts';
import { allWork } from './opinion.ts';
import { overtakenBy, type ExperimentRecord, type Overtaken } from './experiment.ts';
import { InvalidInput, parse } from './invalid-input.ts';
import type { Ledger, LedgerEvent } from './ledger.ts';
import { ceilingsOf, type Ceiling } from './limits.ts';
import { measuredOn, type MeasuredOn } from './measured-on.ts';
import { LAST, shortLine, type AuditReport, type ExperimentLine } from './report.ts';
import { NO_COUNTS, type Counts } from './counts.ts';
import { sessionInputSchema, type SessionInput } from './session.ts';
import { secondsOf } from './rerun.ts';
import { lineOf, viewOf } from './view.ts';

/** What a workflow needs to go on where a ledger ends. Without a baseline in it, beliefs are null. */
export interface Continued {
  /** The opening's input with what was asked this time. */
  readonly input: SessionInput;
  readonly course: Course | null;
  readonly tier: 'A' | 'B' | null;
  readonly counts: Counts;
  readonly trainedSeconds: number;
  /** What models took; absent from control workers of older versions. */
  readonly work?: Work;
  readonly nextExperiment: number;
  readonly nextEvent: number;
  readonly givenOut: number;
  readonly last: readonly ExperimentLine[];
  /** Numbers below the last that have no record, because other lanes were faster; absent from control workers of older versions. */
  readonly unrecorded?: readonly number[];
  /** Would have been kept but for a newer incumbent, and not tried on that yet; absent likewise. */
  readonly overtaken?: readonly Overtaken[];
  /** Absent from control workers of older versions. */
  readonly ceilings?: readonly Ceiling[];
  /** The last audit; absent likewise. */
  readonly audit?: AuditReport | null;
  /** The line since the last audit of it, as a running session has it; absent likewise. */
  readonly line?: readonly Course[];
  /** Accepted by a person, and not tried again yet; absent likewise. */
  readonly accepted?: readonly number[];
  /** On which class of device, and which data, its numbers are; absent likewise. */
  readonly measuredOn?: MeasuredOn | null;
  /** What is usual of a training here; absent likewise. */
  readonly usual?: Usual | null;
  /** What audits on the way compare with; absent likewise. */
  readonly auditBaseline?: readonly Audited[];
}

/** What every number of a session hangs on: it stays. */
const FIXED = ['ref', 'tag', 'task', 'trialSeconds', 'rule', 'calibration', 'seed'] as const;

/** What a session was asked, all its continuations included, the last word first. */
export function inputOf(events: readonly LedgerEvent[]): SessionInput {
  const asked = events.flatMap((event) => (event.kind === 'open' || event.kind === 'continued' ? [event.input] : []));
  return asked.reduce<SessionInput>((so, input) => lastWord(so, withoutPlace(input)), {});
}

/** The input of a session that goes on; throws `InvalidInput` for what cannot change any more, or fits nothing that stays. */
export function continuedInput({ events }: Pick<Ledger, 'events'>, input: SessionInput): SessionInput {
  const [before, given] = [inputOf(events), withoutPlace(input)];
  const taskPath = events.find((event) => event.kind === 'open')?.taskPath;
  const problems = FIXED.filter(
    (key) => given[key] !== undefined && given[key] !== before[key] && !(key === 'task' && given.task === taskPath),
  ).map(
    (key) =>
      `Expected \`${key}\` to stay ${JSON.stringify(before[key]) ?? 'as it was, left out,'} in a session that is continued, got ${JSON.stringify(given[key])}; start a new session for another.`,
  );
  if (problems.length > 0) throw new InvalidInput(problems);
  return parse(sessionInputSchema, lastWord(before, given), 'the input of the session that goes on');
}

/** What is asked now wins, and takes with it what was asked for the sake of what it replaces. */
function lastWord(before: SessionInput, given: SessionInput): SessionInput {
  const { proposer = before.proposer, command = before.command } = given;
  let kept = before;
  if ((proposer === 'command') !== (before.proposer === 'command') || command !== before.command) {
    const { command: _command, model: _model, ...others } = kept; // a model's name means something to one of them only
    kept = others;
  }
  if (given.approve === false) {
    const { approveMinutes: _minutes, approveThen: _then, ...others } = kept;
    kept = others;
  }
  if (given.audit === 'none') {
    const { scale: _scale, ...others } = kept;
    kept = others;
  }
  return { ...kept, ...given };
}

/** Without where the session is found, which is no wish of what it should do. */
function withoutPlace({ continueFrom: _continueFrom, repo: _repo, ...rest }: SessionInput): SessionInput {
  return rest;
}

/**
 * Where a ledger's session goes on; its events include the continuation. `givenOut` is the highest number that has a
 * candidate, with a record or without.
 */
export function continueFrom(ledger: Ledger, input: SessionInput, givenOut: number): Continued {
  const view = viewOf(ledger, '');
  const line = unauditedLine(ledger);
  const trials = [...ledger.experiments, ...ledger.events].flatMap((one) => [
    ...('trials' in one ? one.trials : []),
    ...('starts' in one ? (one.starts ?? []) : []),
  ]);
  return {
    input,
    course: line.at(-1) ?? null,
    tier: view?.tier ?? null,
    counts: view?.counts ?? NO_COUNTS,
    trainedSeconds: trials.reduce((sum, trial) => sum + secondsOf(trial), 0),
    work: ledger.experiments.flatMap(allWork).reduce(addWork, NO_WORK),
    nextExperiment: (ledger.experiments.at(-1)?.experiment ?? 0) + 1,
    nextEvent: ledger.events.length,
    givenOut,
    ceilings: ceilingsOfLedger(ledger),
    audit: view?.audit ?? null,
    measuredOn: measuredOnIn(ledger),
    usual: usualIn(ledger),
    accepted: acceptedIn(ledger),
    line,
    auditBaseline: auditBaseline(ledger),
    unrecorded: unrecordedIn(ledger),
    overtaken: overtakenIn(ledger),
    last: ledger.experiments.slice(-LAST).map((record) => shortLine(lineOf(record))),
  };
}

function unrecordedIn({ experiments }: Ledger): readonly number[] {
  const recorded = new Set(experiments.map(({ experiment }) => experiment));
  return Array.from({ length: experiments.at(-1)?.experiment ?? 0 }, (_, k) => k + 1).filter((n) => !recorded.has(n));
}

function overtakenIn({ experiments }: Ledger): readonly Overtaken[] {
  const tried = new Set(experiments.flatMap((record) => (isOver(record) ? [record.parent] : [])));
  return experiments
    .filter(({ overtaken, experiment }) => overtaken === true && !tried.has(experiment))
    .map(overtakenBy);
}

function measuredOnIn({ events }: Ledger): MeasuredOn | null {
  const [first] = events.findLast((event) => event.kind === 'baseline')?.trials ?? [];
  return first === undefined ? null : measuredOn(first);
}

/** As a running session learns it: from the baseline, then from what a person accepted or put on the line. */
function usualIn({ events, experiments }: Ledger): Usual | null {
  const task = events.find((event) => event.kind === 'open')?.task;
  const begun = usualOf(events.findLast((event) => event.kind === 'baseline')?.trials ?? [], task);
  const moves = events.flatMap((event) => (event.kind === 'moved' ? [event.trials] : []));
  const kept = experiments.filter(({ verdict, accepted }) => verdict === 'keep' && accepted !== undefined);
  const moved = moves.reduce((usual, trials) => alsoUsual(usual, trials), begun);
  const signs = (record: ExperimentRecord) => (task === undefined ? [] : signsOf(task, record.trials, record.starts));
  return kept.reduce((usual, record) => alsoUsual(usual, record.trials, signs(record)), moved);
}

/** What the world or a session's end kept from its verdict is to be tried all the same. */
const SETTLED: ReadonlySet<string> = new Set(['keep', 'discard', 'crash', 'quarantine', 'dropped']);

/** An edit that goes on under another number is no longer this one's matter. */
const isOver = ({ verdict, overtaken }: ExperimentRecord): boolean => SETTLED.has(verdict) || overtaken === true;

function acceptedIn({ events, experiments }: Ledger): readonly number[] {
  const decisions = new Map<number, string>();
  for (const event of events) if (event.kind === 'reviewed') decisions.set(event.experiment, event.decision);
  const tried = new Set(experiments.flatMap((record) => (isOver(record) ? [record.accepted] : [])));
  return [...decisions].flatMap(([of, decision]) => (decision === 'accepted' && !tried.has(of) ? [of] : []));
}

function auditBaseline({ events }: Ledger): readonly Audited[] {
  const open = events.find((event) => event.kind === 'open');
  const baseline = events.findLast((event) => event.kind === 'baseline');
  return open === undefined || baseline === undefined ? [] : auditBaselineOf(baseline.trials, splitOf(open.task));
}

function ceilingsOfLedger({ events }: Ledger): Ceiling[] {
  const open = events.find((event) => event.kind === 'open');
  const baseline = events.findLast((event) => event.kind === 'baseline');
  return open === undefined || baseline === undefined ? [] : ceilingsOf(open.task.limits, baseline.trials);
}
