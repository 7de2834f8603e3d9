import { ApplicationFailure } from '@temporalio/workflow';
import type { Contract, TrialKey } from '../activities/contract.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { earlierRun, lateReason, rerunReason, runNumber, type Believed, type EarlierRun } from '../src/domain/rerun.ts';
import { driftOf, driftSentence, type Paced } from '../src/domain/drift.ts';
import type { RunningTrial } from '../src/domain/report.ts';
import { targetOf } from '../src/domain/target.ts';
import type { SessionState } from './state.ts';
import { trainAndScore } from './train-and-score.ts';
import { asTrial, withSealed } from './trial-record.ts';

/** Which trial to run, and what the person sees while it runs. */
export interface TrialRequest {
  readonly contract: Contract;
  readonly experiment: number;
  readonly trial: number;
  /** Whose seed it trains with, where that is another trial's; absent: its own. */
  readonly seedOf?: number;
  /** Where nobody may know it beforehand. */
  readonly seed?: 'fresh';
  /** How long to train; absent: as long as every trial of the session. */
  readonly seconds?: number;
  /** Which data to score on; absent: what decisions are made on. */
  readonly split?: 'sealed';
  /** Scored on sealed data too, for audits to compare with. */
  readonly alsoSealed?: boolean;
  readonly role: Trial['role'];
  readonly commit: string;
  readonly hypothesis: string;
  readonly onStage: (stage: RunningTrial['stage']) => void;
}

type Numbered = Pick<TrialRequest, 'contract' | 'experiment' | 'trial' | 'seedOf'>;

/**
 * Trains and scores one commit with one seed of the harness's list. A candidate that fails is a trial without a value;
 * a failure of the world comes out as ActivityFailure. A run that the machine spoiled is made again with the same seed.
 */
export async function runTrial(state: SessionState, request: TrialRequest): Promise<Trial> {
  let seed = request.seed ?? seedOf(request);
  const earlier: EarlierRun[] = [];
  for (;;) {
    const run = await runOnce(state, { ...request, trial: runNumber(request.trial, earlier.length) }, seed);
    const device = `${run.hostId}/${run.device}`;
    const reason =
      rerunReason(run, earlier, state.crowded.includes(device)) ?? lateReason(run, earlier, believed(state, request));
    if (reason !== null) {
      earlier.push(earlierRun(run, reason));
      seed = run.seed; // also one that was drawn where it trained
      continue;
    }
    lookForDrift(state, run);
    if (run.disturbed === undefined) state.crowded = state.crowded.filter((other) => other !== device);
    else if (wasDisturbed(earlier)) state.crowded = [...state.crowded, device];
    return earlier.length === 0 ? run : { ...run, earlier };
  }
}

const believed = ({ usual, course }: SessionState, { contract }: TrialRequest): Believed => ({
  usual,
  incumbent: course?.incumbent.value ?? null,
  direction: contract.task.metric.direction,
});

/** Identical code on the same device is as fast as it was, or the person is told; a later look that finds it so takes that back. */
function lookForDrift(state: SessionState, trial: Trial): void {
  const { commit, hostId, device, budgetSeconds, seconds, steps } = trial;
  const paced: Paced[] = [...state.paced, { commit, hostId, device, budgetSeconds, seconds, steps }];
  state.paced = paced.slice(-PACED);
  const drift = driftOf(paced);
  if (drift !== undefined) state.drift = drift && driftSentence(drift);
}

const wasDisturbed = (earlier: readonly EarlierRun[]): boolean => earlier.some(({ fault }) => fault === 'disturbed');

async function runOnce(state: SessionState, request: TrialRequest, seed: number | 'fresh'): Promise<Trial> {
  const { contract, experiment, trial, role, commit } = request;
  const key: TrialKey = { contract, experiment, trial, commit, seed };
  const seconds = request.seconds ?? state.input.trialSeconds ?? contract.task.train.seconds;
  let running: RunningTrial | null = null;
  const show = (next: RunningTrial | null): void => {
    const now = next === null ? [] : [next];
    const place = running === null ? -1 : state.lanes.indexOf(running);
    state.lanes = place === -1 ? [...state.lanes, ...now] : state.lanes.toSpliced(place, 1, ...now);
    running = next;
  };
  const enter = (stage: RunningTrial['stage']) => {
    const since = new Date().toISOString();
    show({ experiment, trial, role, stage, seed, hypothesis: request.hypothesis, since, seconds });
    request.onStage(stage);
  };
  try {
    const order = { key, seconds, split: request.split, alsoSealed: request.alsoSealed === true };
    const { trained, scored, sealed } = await trainAndScore(state, order, enter);
    state.trainedSeconds += trained.seconds;
    // A fresh seed is drawn where it trains; 0 is said by device workers of older versions.
    const used = trained.seed ?? (seed === 'fresh' ? 0 : seed);
    const name = { trial, role, commit, seed: used, budgetSeconds: seconds };
    const target = targetOf(contract.task);
    const record = asTrial(name, trained, scored, { ceilings: state.ceilings, target });
    return sealed?.kind === 'value' ? withSealed(record, sealed, target) : record;
  } finally {
    show(null);
  }
}

/** Seeds go round by experiment, so that no candidate is always tried with the same one. */
export function seedOf({ contract, experiment, ...request }: Numbered): number {
  const { seeds } = contract;
  const seed = seeds[(experiment + (request.seedOf ?? request.trial) - 1) % seeds.length];
  if (seed === undefined) throw ApplicationFailure.nonRetryable('Expected the contract to have seeds, got none.');
  return seed;
}

/** Back to the trials of an incumbent that nothing has beaten for long. */
const PACED = 40;
