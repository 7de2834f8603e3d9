import type { Left } from '../src/domain/budget.ts';
import type { Continued } from '../src/domain/continued.ts';
import type { Crash } from '../src/domain/crash.ts';
import type { ExperimentRecord, Sandbox, TrialFacts } from '../src/domain/experiment.ts';
import type { LedgerEvent } from '../src/domain/ledger.ts';
import type { Reviewed } from '../src/domain/opinion.ts';
import type { MeasuredOn } from '../src/domain/measured-on.ts';
import type { Committed, Patch, Proposed, Recorded } from '../src/domain/proposed.ts';
import type { ProjectKind } from '../src/domain/project.ts';
import type { ProposerName, SessionInput } from '../src/domain/session.ts';
import type { Task } from '../src/domain/task.ts';
import type { Scored } from '../src/domain/scored.ts';

/** What `open` froze: every other activity gets it, so that none depends on what happened to the repo since. */
export interface Contract {
  readonly session: string;
  readonly tag: string;
  /** Whose home clone: the control worker's state directory. */
  readonly homeId: string;
  /** Path or URL of the user's repo. */
  readonly origin: string;
  readonly task: Task;
  /** The task file's path in the repo. */
  readonly taskPath: string;
  readonly base: string;
  /** Hash over every protected file at `base`. */
  readonly hash: string;
  /** The harness's seeds, one list for all arms. */
  readonly seeds: readonly number[];
  readonly push: 'all' | 'kept' | 'none';
  /** Whose outputs stay when they are no longer needed; absent: `best`. */
  readonly keepOutputs?: NonNullable<SessionInput['keepOutputs']>;
  /** After so many seconds without a sign of it a host counts as lost, and its trial runs elsewhere; absent: 600. */
  readonly hostLostSeconds?: number;
  /** The noise that earlier sessions of this task saw, by device class: sd of one trial. */
  readonly earlierNoise?: Readonly<Record<string, number>>;
  /** On which data that was, likewise: of others it says nothing. Absent from older control workers: on any. */
  readonly earlierData?: Readonly<Record<string, string>>;
  /** Search attributes that the server knows with the right type; others must not be upserted. */
  readonly searchAttributes: readonly string[];
  /** Who writes the edits where the session's input does not say; absent: `search`. */
  readonly proposer?: ProposerName;
  /** Whose project the task was derived from; absent where a task file says all of it. */
  readonly project?: ProjectKind;
}

/** What `open` answers; `continued` where the session goes on from a ledger that there was. */
export interface Opened extends Contract {
  readonly continued?: Continued;
  /** How many experiments the project's settings ask for, where the input names no number. */
  readonly experiments?: number;
}

export interface OpenInput {
  readonly session: string;
  readonly input: SessionInput;
  /** ISO time from the workflow's clock. */
  readonly at: string;
}

export interface ProposeInput {
  readonly contract: Contract;
  readonly experiment: number;
  readonly base: string;
  readonly proposer: ProposerName;
  /** What proposer `command` runs. */
  readonly command?: string;
  /** Which model, where the proposer asks one. */
  readonly choice?: ModelChoice;
  /** What may be spent on models for it; absent: what it takes. */
  readonly left?: Left;
  /** What people want, and how long one training is; for proposers that can read. */
  readonly hints?: readonly string[];
  readonly trialSeconds?: number;
  /** What a person wants tried; absent: a new idea is wanted. */
  readonly patch?: Patch;
  /** The experiment in quarantine whose edit a person wants to be tried once more; absent: a new idea is wanted. */
  readonly accepted?: number;
  /** The experiment whose edit is to be tried once more, on this base; absent: a new idea is wanted. */
  readonly parent?: number;
  /** Set when experiment's stored edit is to be applied to a base that moved. */
  readonly rebase: boolean;
  readonly at: string;
}

/** Which model writes an edit, and how; what the session does not say, the control worker's environment does. */
export type ModelChoice = Pick<SessionInput, 'model' | 'effort' | 'maxTokens'>;

/** Names one trial; the directory's key, so never an attempt. */
export interface TrialKey {
  readonly contract: Contract;
  readonly experiment: number;
  readonly trial: number;
  readonly commit: string;
  /** `fresh`: the device draws one that nobody else ever knew, and keeps it with the trial. */
  readonly seed: number | 'fresh';
}

export interface TrainInput extends TrialKey {
  /** 0: it is to write what it begins with. */
  readonly seconds: number;
  /** What its number will be compared with: other devices and other data refuse it. Absent: nothing yet. */
  readonly measuredOn?: MeasuredOn;
}

/** Which device has a trial; the details of heartbeats and of a worker's shutdown begin with it. */
export interface DevicePlace {
  readonly hostId: string;
  readonly device: string;
}

/** A training that ended, well or not. */
export interface Trained extends DevicePlace {
  readonly deviceClass: string;
  readonly dataHash: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  /** With what it trained, where the order said `fresh`. */
  readonly seed?: number;
  /** Why there is nothing to score, in one sentence; absent when the training ended well. */
  readonly failure?: string;
  /** What went wrong and whose fault it is; absent when nothing did, and from device workers of older versions. */
  readonly crash?: Crash;
  /** What is known of the training beside its result, as records have it; each may be absent. */
  readonly facts?: TrialFacts;
  /** What it ran in; absent where the device worker is of an older version. */
  readonly sandbox?: Sandbox;
}

export interface EvaluateInput extends TrialKey {
  /** Which data to score on; absent: what every decision is made on. */
  readonly split?: 'sealed';
  /** What training ran in, as `train` said. */
  readonly sandbox?: Sandbox;
  /** How long it may train, where the baseline is trained beside it to be scored too. */
  readonly seconds?: number;
}

/** An experiment's record without what git knows of its candidate. `hypothesis` is used when there is none. */
export interface EndedExperiment {
  readonly contract: Contract;
  readonly record: Omit<ExperimentRecord, 'version' | 'edit' | 'tree' | 'arm' | 'proposer' | 'repairs'>;
}

/** A keep: where the kept line must stand, so that it moves by compare-and-swap. */
export interface CommitInput extends EndedExperiment {
  readonly tip: string;
}

/** The line is to go on from what an earlier commit of it has. */
export interface RestoreInput {
  readonly contract: Contract;
  /** Where the line is. */
  readonly tip: string;
  /** Whose tree the new commit gets; absent: that of the candidate of `experiment`, of the base where that is 0. */
  readonly target?: string;
  readonly experiment?: number;
  readonly message: string;
  readonly at: string;
}

export interface RecordInput {
  readonly contract: Contract;
  readonly index: number;
  readonly event: LedgerEvent;
}

/** A candidate that would be kept, and the model that is to read it. */
export interface ReviewInput {
  readonly contract: Contract;
  readonly experiment: number;
  readonly base: string;
  readonly candidate: string;
  readonly reviewer: string;
  /** What may be spent on it; absent: what it takes. */
  readonly left?: Left;
}

/** Every activity: one object in, one object out, safe to run twice. */
export interface Activities {
  /** Resolves repo and task, freezes the contract, writes the ledger's first event and the kept line. */
  readonly open: (input: OpenInput) => Promise<Opened>;
  readonly propose: (input: ProposeInput) => Promise<Proposed>;
  /** Has a second model read what would be kept. */
  readonly review: (input: ReviewInput) => Promise<Reviewed>;
  readonly train: (input: TrainInput) => Promise<Trained>;
  readonly evaluate: (input: EvaluateInput) => Promise<Scored>;
  /** Keeps: candidate, record and kept line move in one transaction. */
  readonly commit: (input: CommitInput) => Promise<Committed>;
  /** Anything but a keep: candidate and record in one transaction. */
  readonly revert: (input: EndedExperiment) => Promise<Recorded | undefined>;
  /** Makes the commit that sets the line back: child of the tip, with the target's tree. Moves nothing. */
  readonly restore: (input: RestoreInput) => Promise<{ readonly commit: string; readonly target?: string }>;
  /** What is no experiment: baseline, a moved line, end. Answers another event that stood in its place, and holds. */
  readonly record: (input: RecordInput) => Promise<LedgerEvent | undefined>;
}
