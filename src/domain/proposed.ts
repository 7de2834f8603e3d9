// What the git verbs of a session answer, where that is more than "done".
import type { Needs } from './budget.ts';
import type { Tried } from './course.ts';
import type { Edit, Overtaken, PooledTrial, Trial } from './experiment.ts';
import type { ModelWork } from './model-work.ts';
import type { ExperimentLine } from './report.ts';

/** Somebody else moved the kept line, here or at the origin. */
export interface Moved {
  readonly kind: 'moved';
  readonly expected: string;
  readonly found: string;
  /** Why the session cannot go on from there, in one sentence; absent where it can. */
  readonly problem?: string;
}

/** The ledger has the experiment already, because the server was set back to an older copy: what stands there holds. */
export interface Recorded {
  readonly kind: 'recorded';
  readonly line: ExperimentLine;
  readonly candidate: string | null;
  /** Of its trials. */
  readonly seconds: number;
  /** What beliefs hang on. */
  readonly tried: Tried;
  readonly tier: Trial['tier'] | null;
  /** Its edit is to be tried once more; and whose edit it is itself. Absent where neither is so. */
  readonly overtaken?: Overtaken;
  readonly parent?: number;
}

/** The ledger has the session's end already, for the same reason as `Recorded`. */
export interface Ended {
  readonly kind: 'ended';
  readonly reason: string;
}

/** What `commit` answers. */
export type Committed =
  | {
      readonly kind: 'committed';
      readonly tip: string;
      /** What the line has of it; absent: the candidate itself. */
      readonly commit?: string;
    }
  | Moved
  | Recorded;

/** An edit that a person wants tried. */
export interface Patch {
  /** Of the message that brought it. */
  readonly id: string;
  readonly edit: readonly Edit[];
  readonly hypothesis: string;
}

/** A candidate waits as a commit; its edit, prompt and proposer stand in git, never here. */
export type Proposed =
  | Moved
  | Recorded
  | Ended
  | {
      readonly kind: 'proposal';
      readonly candidate: string;
      readonly base: string;
      readonly hypothesis: string;
      /** Code lines of the candidate minus those of its base; absent: 0. */
      readonly netLines?: number;
      /** What is known of its arm already. */
      readonly pooled?: readonly PooledTrial[];
      /** Where a model wrote it. */
      readonly work?: ModelWork;
      /** Since when the model whose turn it may have been is down, in one sentence; absent where it is not. */
      readonly modelDown?: string;
    }
  | {
      readonly kind: 'dropped';
      readonly reason: string;
      readonly hypothesis: string;
      readonly work?: ModelWork;
      readonly modelDown?: string;
      /** Where no model was asked because that may take more than is left: the most that it may. */
      readonly needs?: Needs;
    }
  | { readonly kind: 'none'; readonly reason: string }
  /** The model cannot be asked now; what is the world's alone is tried again. */
  | { readonly kind: 'down'; readonly reason: string; readonly afterMs?: number };
