// One candidate, one ticket: what was measured, or is about to be, is not measured once more under another number; and what
// the world or the session's end kept from its verdict goes on with the trials that it had.
import { VETOED, type ExperimentRecord, type PooledTrial } from './experiment.ts';

/** What a candidate is: its exact tree, and its arm, equal for all that differ in comments, formatting or names alone. */
export interface Shape {
  readonly tree?: string | null | undefined;
  readonly arm?: string | undefined;
}

/** Something that has a verdict or will get one; `name` as a sentence names it. */
export interface Known extends Shape {
  readonly name: string;
}

/** The records that settle a matter. What the world or the session's end kept from a verdict may be tried again. */
export function decided(records: readonly ExperimentRecord[]): readonly Known[] {
  return records
    .filter((record) => !isOpen(record))
    .map(({ experiment, tree, arm }) => ({ name: `experiment ${experiment}`, tree, arm }));
}

/**
 * What was measured of a candidate's arm under earlier numbers that came to no verdict. Left out, whoever stops a session
 * after an unlucky trial would have bought a second ticket.
 */
export function pooledTrials(candidate: Shape, records: readonly ExperimentRecord[]): PooledTrial[] {
  // What was part of a verdict already has had its say: a person who accepts a candidate wants it tried afresh.
  const used = new Set(
    records
      .filter((record) => !isOpen(record))
      .flatMap(({ pooled = [] }) => pooled.map(({ experiment }) => experiment)),
  );
  return records
    .filter((record) => isOpen(record) && !used.has(record.experiment) && isTwin(candidate, record))
    .flatMap(({ experiment, trials }) =>
      trials
        .filter(({ role, value }) => role === 'candidate' && value !== null)
        .map((trial) => ({ ...trial, experiment })),
    );
}

const isOpen = ({ verdict, reason }: ExperimentRecord): boolean =>
  ['dropped', 'failed', 'undecided'].includes(verdict) && reason !== VETOED;

/** Why a candidate is nothing new, in one sentence; undefined when it is. An exact copy is named before a likeness. */
export function twinOf(candidate: Shape, known: readonly Known[]): string | undefined {
  const copy = known.find((one) => isCopy(candidate, one));
  if (copy !== undefined) return `the same tree as ${copy.name}`;
  const like = known.find((one) => isLike(candidate, one));
  return like && `the same as ${like.name} but for comments, formatting or names`;
}

const isTwin = (one: Shape, other: Shape): boolean => isCopy(one, other) || isLike(one, other);

const isCopy = (one: Shape, { tree }: Shape): boolean => tree !== null && tree !== undefined && tree === one.tree;

const isLike = (one: Shape, { arm }: Shape): boolean => arm !== undefined && arm === one.arm;
