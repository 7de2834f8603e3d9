// What tests of audits share: values with noise, and sealed data that is harder than the other.
import type { Activities, EvaluateInput } from '../../activities/contract.ts';
import type { Scored } from '../../src/domain/scored.ts';
import { contractOf } from './fake-world.ts';

const NOISE = [0.01, -0.01, 0, 0.012, -0.012, 0.011, 0.009];
/** The noise of a trial. */
export const noise = (trial: number): number => NOISE[trial % NOISE.length] ?? 0;
/** Whether a trial has an audit's number. */
export const isAudit = (trial: number): boolean => trial >= 1_000_000;
/** Which idea a commit has. */
export const numberOf = (commit: string): number => (commit === 'base' ? 0 : Number(/\d+/.exec(commit)?.[0]));

/** A baseline of 1, and candidates that are all as much better. */
export const value = (commit: string, trial: number): number => (commit === 'base' ? 1 : 0.9) + noise(trial);
/** The same, on the data that the scorer was told of. */
export const valueOn = ({ commit, trial, split }: EvaluateInput): number =>
  value(commit, trial) + (split === undefined ? 0 : 1);

/** Opens a task whose scorer has sealed data. */
export const sealedTask: Activities['open'] = async ({ session }) => {
  const contract = contractOf(session);
  return { ...contract, task: { ...contract.task, score: { run: 'score', seconds: 1, sealed: true } } };
};

/** A gain of about four times the noise: kept at once, and not suspicious. */
export const STEP = 0.045;

/** Each of the ideas in a commit gains `step` on the data that decides, on sealed data only those that are real. */
export function worldOf(step: number, isReal: (idea: number) => boolean, ideasIn = allUpTo) {
  const scored: EvaluateInput[] = [];
  const evaluate = async (input: EvaluateInput): Promise<Scored> => {
    scored.push(input);
    const gained = ideasIn(numberOf(input.commit));
    const [counted, harder] = input.split === 'sealed' ? [gained.filter(isReal), 1] : [gained, 0];
    return { kind: 'value', value: 2 + harder - step * counted.length + noise(input.trial), metrics: {}, tier: 'A' };
  };
  return { scored, activities: { open: sealedTask, evaluate } };
}
/** The ideas of a candidate that is built on every one before it. */
export const allUpTo = (experiment: number): number[] => Array.from({ length: experiment }, (_, k) => k + 1);
