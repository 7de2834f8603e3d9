// What git has of one session, as plain data: what `verify` judges. Nothing here is trusted yet.
import type { LedgerContents } from './ledger-contents.ts';

/** One commit of the ledger's chain. */
export interface ChainEntry {
  readonly commit: string;
  readonly parents: readonly string[];
  /** Files that it touched, against its first parent; `kind` is git's letter: A added, M changed, D removed, … */
  readonly changes: readonly { readonly kind: string; readonly path: string }[];
}

/** A commit of the repo. */
export interface CommitFacts {
  readonly tree: string;
  readonly parents: readonly string[];
}

/** A ref that claims to be the kept line. */
export interface KeptLine {
  readonly ref: string;
  readonly tip: string;
  /** Commits after where the line begins, the newest first; empty while that commit is unknown. */
  readonly commits: readonly string[];
}

/** Everything that a git directory has of one session, seen at one moment. */
export interface SessionFacts {
  readonly tag: string;
  /** Whether it is the home clone, where nothing may be missing because it was not pushed. */
  readonly home: boolean;
  /** Null where the ledger's ref is gone. The chain begins with its newest commit. */
  readonly ledger: { readonly contents: LedgerContents; readonly chain: readonly ChainEntry[] } | null;
  /** Commits of the candidates' refs, by experiment. */
  readonly candidates: ReadonlyMap<number, string>;
  /** The kept line; in a plain clone its own branch and its remotes', of which one has to be right. */
  readonly lines: readonly KeptLine[];
  /** The commits that records, refs and lines name, as far as they are commits here. */
  readonly commits: ReadonlyMap<string, CommitFacts>;
  /** Refs of the session that are there and name no commit, and what they have instead. */
  readonly broken?: readonly { readonly ref: string; readonly found: string }[];
}

/** Something that is not as it must be: which promise, and one sentence that names the thing. */
export interface Finding {
  readonly check: 'files' | 'experiments' | 'events' | 'table' | 'chain' | 'candidates' | 'line' | 'refs';
  readonly problem: string;
}
