import type { Belief } from './belief.ts';
import type { Budget, Spent } from './budget.ts';
import type { Counts } from './counts.ts';
import type { Trial, Verdict } from './experiment.ts';
import type { ScaleEvent } from './ledger.ts';
import type { SessionInput, SessionStatus } from './session.ts';
import type { Direction } from './task.ts';

/** One experiment in one line. */
export interface ExperimentLine {
  /** What it was measured against; absent from what older versions say. */
  readonly incumbent?: number | null;
  readonly experiment: number;
  readonly verdict: Verdict;
  readonly value: number | null;
  readonly gain: number | null;
  /** How likely it is a gain at all; absent where no rule asked, and from what older versions say. */
  readonly better?: number | undefined;
  readonly trials: number;
  readonly hypothesis: string;
  readonly reason: string;
}

/** The last experiments that a running session remembers; older ones are in the ledger. */
export const LAST = 50;

/** A line as a running session remembers it: not longer than anybody reads in one line. */
export function shortLine(line: ExperimentLine): ExperimentLine {
  return { ...line, hypothesis: line.hypothesis.slice(0, 120), reason: line.reason.slice(0, 160) };
}

/** A claim that was measured again. */
export interface AuditReport {
  readonly split: 'sealed' | 'val';
  /** The how-manieth of the session on that data; absent: nobody counted. */
  readonly looks?: number | undefined;
  readonly commit: string;
  readonly claimed: number;
  /** Null, as its interval, where every trial of the commit crashed. */
  readonly gain: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly passed: boolean;
  /** How many of its trials missed the task's target; absent: none. */
  readonly missed?: number | undefined;
  /** How many of them crashed by their own fault; absent: none. */
  readonly crashed?: number | undefined;
}

/** Every audit tells the search a little of the data that it is made on: after so many they are spent. */
const MOST_LOOKS = 10;

/** What an audit was made on, in words: sealed data that was looked at too often is sealed in name only. */
export function dataOf({ split, looks = 1 }: Pick<AuditReport, 'split' | 'looks'>): string {
  if (split === 'val') return 'the same data';
  return looks > MOST_LOOKS ? `sealed data that are spent (audit ${looks} on them)` : 'sealed data';
}

/** What of an audit's trials fails a claim whatever the others say, in words; empty where there is nothing like that. */
export function failuresOf({ missed, crashed }: Pick<AuditReport, 'missed' | 'crashed'>): string {
  return [...trialsThat(missed, 'missed the target'), ...trialsThat(crashed, 'crashed')].join(', ');
}

const trialsThat = (count: number | undefined, what: string): string[] =>
  count === undefined ? [] : [`${count} ${count === 1 ? 'trial' : 'trials'} ${what}`];

/** How much of the gain is left in longer trainings. */
export type ScaleReport = Pick<ScaleEvent, 'times' | 'commit' | 'gain' | 'share' | 'low' | 'high' | 'verdict'>;

/** What is known of a session at one moment, from a running workflow or from its ledger alone. */
export interface SessionView {
  readonly session: string;
  /** `waking`: the server has it, its control worker does not answer yet, and git says the rest. */
  readonly status: SessionStatus | 'interrupted' | 'waking';
  /** Why the session is blocked, paused or ended, in one sentence. */
  readonly reason: string | null;
  readonly task: string;
  readonly repo: string;
  readonly tag: string;
  readonly branch: string;
  readonly metric: string;
  readonly direction: Direction;
  /** What has to be reached for the metric to count; absent where nothing has. */
  readonly target?: string;
  /** In so many blocks of runs each trial is measured beside the baseline; absent where none is. */
  readonly paired?: number;
  readonly tier: 'A' | 'B' | null;
  readonly rule: string;
  /** The first record that rules judged which this program does not know; absent where there is none. */
  readonly unknownRule?: { readonly experiment: number; readonly version: number };
  readonly noise: number | null;
  /** Degrees of freedom behind it; absent in what older versions answered. */
  readonly degrees?: number | null;
  readonly baseline: Belief | null;
  readonly best: Belief | null;
  /** Absent in what older versions answered; null while nothing was audited. */
  readonly audit?: AuditReport | null;
  /** One for each multiple of the time; absent in what older versions answered. */
  readonly scale?: readonly ScaleReport[];
  readonly counts: Counts;
  readonly last: readonly ExperimentLine[];
}

/** What is measured, in words: `val_bpb`, `seconds to val_bpb <= 3.28`, `log of latency_ms over the baseline's`. */
export function measureOf({ metric, target, paired }: Measure): string {
  if (paired !== undefined) return `log of ${metric} over the baseline's`;
  return target === undefined ? metric : `${metric} to ${target}`;
}

/** A metric, and what makes more of it than its name says. */
interface Measure extends Pick<SessionView, 'metric'> {
  readonly target?: string | undefined;
  readonly paired?: number | undefined;
}

/** Where the best comes from, in words: `experiment 17`, `the baseline`, `where the line was set`. */
export function originOfBest({ best, baseline }: Pick<SessionView, 'best' | 'baseline'>): string {
  if (best !== null && best.experiment > 0) return `experiment ${best.experiment}`;
  return best?.commit === baseline?.commit ? 'the baseline' : 'where the line was set';
}

/** What a lane runs right now. */
export interface RunningTrial {
  /** The experiment whose commit is trained. */
  readonly experiment: number;
  /** Absent in what older versions answered. */
  readonly role?: Trial['role'];
  readonly trial: number;
  readonly stage: 'train' | 'evaluate';
  readonly seed: number | 'fresh';
  readonly hypothesis: string;
  readonly since: string;
  readonly seconds: number;
}

/** What a host needs to know before it clears the outputs of trials that it has. */
export interface OutputsReport {
  readonly keep: NonNullable<SessionInput['keepOutputs']>;
  /** Every experiment up to this one has its verdict in the ledger; -1 while not even the baseline (0) is there. */
  readonly recordedUpTo: number;
}

/** What every lane of a session runs, whatever its version. */
export const lanesOf = ({ lanes, running }: Pick<StatusReport, 'lanes' | 'running'>): readonly RunningTrial[] =>
  lanes ?? (running === null ? [] : [running]);

/** The answer to the query `status`. */
export interface StatusReport extends SessionView {
  readonly budget: Budget;
  readonly spent: Spent;
  /** Where several lanes run, the one that began first. */
  readonly running: RunningTrial | null;
  /** What every lane runs; absent from sessions whose control worker runs older code. */
  readonly lanes?: readonly RunningTrial[];
  /** How many lanes there are; absent likewise. */
  readonly parallel?: number;
  readonly waitingProposals: number;
  /** By number from 1; null where one was withdrawn. */
  readonly hints: readonly (string | null)[];
  /** What a person should know of the machine or the task; nothing waits for it. */
  readonly notices?: readonly string[];
  /** Absent from sessions whose control worker runs older code. */
  readonly outputs?: OutputsReport;
}
