// What a prompt is made of: all that a model or an agent is told of a session before it proposes an experiment.
import type { Kind } from '../../domain/model-work.ts';
import type { Files } from '../proposer.ts';

/** An experiment as the model sees it: verdicts and words, no exact numbers, no sealed ones, no detectors. */
export interface PromptTry {
  readonly experiment: number;
  readonly verdict: string;
  readonly hypothesis: string;
  /** What came of it, in a few words. */
  readonly outcome: string;
}

/** An experiment that gave no value, and the end of what it printed. */
export interface Failed {
  readonly experiment: number;
  readonly reason: string;
  readonly log: string;
}

/** All that a prompt is made of. */
export interface PromptRequest {
  readonly experiment: number;
  /** The task's own words on what to try. */
  readonly instructions: string;
  readonly metric: { readonly name: string; readonly direction: 'minimize' | 'maximize' };
  readonly trialSeconds: number;
  /** What must hold beside the metric: checks and limits, one sentence each. */
  readonly conditions: readonly string[];
  /** The incumbent's editable files. */
  readonly files: Files;
  /** What other programs say that they tried: a line each, oldest first. */
  readonly hearsay?: readonly string[];
  /** Oldest first. */
  readonly history: readonly PromptTry[];
  /** What waits or trains, and has no verdict yet. */
  readonly inFlight?: readonly Pick<PromptTry, 'experiment' | 'hypothesis'>[];
  /** Probably better, by too little to be kept: what each changes, as a diff. */
  readonly nearMisses: readonly { readonly experiment: number; readonly diff: string }[];
  /** The newest failures: their class, and the end of what they printed. */
  readonly failures: readonly Failed[];
  /** Whether the program as it is has no value yet: the session has just begun. */
  readonly isUnmeasured?: boolean;
  /** What people want, newest last. */
  readonly hints: readonly string[];
  /** What commands of the project itself printed around experiments, and how one of them failed. */
  readonly notes?: readonly { readonly name: string; readonly text: string; readonly trouble: string | null }[];
  /** Which kind of idea it is to be; absent: the model chooses. */
  readonly wanted?: Kind | undefined;
  /** How many experiments there were since the last keep, where that is a plateau. */
  readonly drySpell?: number | undefined;
  /** An experiment of its own that crashed, which it is to mend instead. */
  readonly repair?: Crashed | undefined;
}

/** An experiment that is to be mended. */
export interface Crashed extends Failed {
  readonly hypothesis: string;
  readonly diff: string;
  /** Whether an agent's folder has its edit already. */
  readonly isInFolder?: boolean;
}
