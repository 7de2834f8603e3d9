// One candidate, one ticket: what was measured, or is about to be, is not measured once more under another number.
import { VETOED, type ExperimentRecord } from './experiment.ts';

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
    .filter(({ verdict, reason }) => !['dropped', 'failed', 'undecided'].includes(verdict) || reason === VETOED)
    .map(({ experiment, tree, arm }) => ({ name: `experiment ${experiment}`, tree, arm }));
}

/** Why a candidate is nothing new, in one sentence; undefined when it is. An exact copy is named before a likeness. */
export function twinOf(candidate: Shape, known: readonly Known[]): string | undefined {
  const copy = known.find(({ tree }) => tree !== null && tree !== undefined && tree === candidate.tree);
  if (copy !== undefined) return `the same tree as ${copy.name}`;
  const like = known.find(({ arm }) => arm !== undefined && arm === candidate.arm);
  return like && `the same as ${like.name} but for comments, formatting or names`;
}
