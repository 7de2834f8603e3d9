import type { Edit, Verdict } from '../domain/experiment.ts';

/** Contents of files by their path. */
export type Files = Readonly<Record<string, string>>;

/** What was tried: the candidate's editable files and what came of them. */
export interface Tried {
  readonly files: Files;
  /** Lower is better; null when the candidate crashed or has no value. */
  readonly score: number | null;
  readonly verdict: Verdict | 'baseline';
  /** How many trials the score is the mean of; absent: one, or more than a proposer need know. */
  readonly trials?: number;
}

/** All that a proposer may know. */
export interface ProposeRequest {
  /** The incumbent's editable files. */
  readonly files: Files;
  /** Oldest first. */
  readonly history: readonly Tried[];
  /** Files of candidates in flight: avoided like those that were tried. */
  readonly pending: readonly Files[];
  readonly incumbentScore: number | null;
  /** Standard deviation of one trial across seeds. */
  readonly noise: number | null;
  /** Differs per session and experiment. */
  readonly seed: number;
}

/** One change to try, or why there is none. `files` holds every editable file with the edit applied. */
export type Proposal =
  | {
      readonly kind: 'proposal';
      readonly hypothesis: string;
      readonly edit: Edit[];
      readonly files: Record<string, string>;
      /** The crashed experiment whose edit this is, mended. */
      readonly repairs?: number;
    }
  | { readonly kind: 'none'; readonly reason: string };

/** Pure: the same request gives the same proposal, because the activity around it may run twice. */
export type Proposer = (request: ProposeRequest) => Proposal;
