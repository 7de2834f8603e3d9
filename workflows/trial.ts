import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { Contract, DevicePlace, Scored, Trained, TrialKey } from '../activities/contract.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { callEvaluate, callTrain } from './activities.ts';
import type { SessionState } from './state.ts';

/** Which trial to run, and what the person sees while it runs. */
export interface TrialRequest {
  readonly contract: Contract;
  readonly experiment: number;
  readonly trial: number;
  /** Whose seed it trains with, where that is another trial's; absent: its own. */
  readonly seedOf?: number;
  /** Where nobody may know it beforehand. */
  readonly seed?: 'fresh';
  /** Which data to score on; absent: what decisions are made on. */
  readonly split?: 'sealed';
  readonly role: Trial['role'];
  readonly commit: string;
  readonly hypothesis: string;
  readonly onStage: () => void;
}

/**
 * Trains and scores one commit with one seed of the harness's list. A candidate that fails is a trial without a value;
 * a failure of the world comes out as ActivityFailure.
 */
export async function runTrial(state: SessionState, request: TrialRequest): Promise<Trial> {
  const { contract, experiment, trial, commit } = request;
  const seed = request.seed ?? seedOf(contract, experiment, request.seedOf ?? trial);
  const key: TrialKey = { contract, experiment, trial, commit, seed };
  const seconds = state.input.trialSeconds ?? contract.task.train.seconds;
  const enter = (stage: 'train' | 'evaluate') => {
    const since = new Date().toISOString();
    state.running = { experiment, trial, stage, seed, hypothesis: request.hypothesis, since, seconds };
    request.onStage();
  };
  try {
    const { trained, scored } = await trainAndScore({ key, seconds, split: request.split }, enter);
    state.trainedSeconds += trained.seconds;
    return asTrial(request, { seed, seconds }, trained, scored);
  } finally {
    state.running = null;
  }
}

/** Seeds go round by experiment, so that no candidate is always tried with the same one. */
function seedOf(contract: Contract, experiment: number, trial: number): number {
  const { seeds } = contract;
  const seed = seeds[(experiment + trial - 1) % seeds.length];
  if (seed === undefined) throw ApplicationFailure.nonRetryable('Expected the contract to have seeds, got none.');
  return seed;
}

async function trainAndScore(
  { key, seconds, split }: { readonly key: TrialKey; readonly seconds: number; readonly split: 'sealed' | undefined },
  enter: (stage: 'train' | 'evaluate') => void,
): Promise<{ trained: Trained; scored: Scored }> {
  let place: DevicePlace | null = null;
  for (;;) {
    enter('train');
    const trained: Trained | 'moved' = await attempt(callTrain({ ...key, seconds }, place), (next) => {
      place = next;
    });
    if (trained === 'moved') continue;
    if (trained.failure !== undefined) return { trained, scored: { kind: 'none', failure: trained.failure } };
    enter('evaluate');
    const { sandbox } = trained;
    const input = { ...key, ...(split !== undefined && { split }), ...(sandbox !== undefined && { sandbox }) };
    const scored: Scored | 'moved' = await attempt(callEvaluate(input, trained), (next) => {
      place = next;
    });
    if (scored !== 'moved') return { trained, scored };
  }
}

/** Awaits an activity on a device; when it ended because its worker did, says where the trial is now, if anywhere. */
async function attempt<T>(call: Promise<T>, moveTo: (place: DevicePlace | null) => void): Promise<T | 'moved'> {
  try {
    return await call;
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    if (cause instanceof TimeoutFailure) {
      // Nobody polls that device's queue any more (schedule to start): the host counts as lost, any device may train.
      moveTo(cause.timeoutType === 'SCHEDULE_TO_START' ? null : placeIn(cause.lastHeartbeatDetails));
      return 'moved';
    }
    if (cause instanceof ApplicationFailure && cause.type === 'WorkerShutdown') {
      moveTo(placeIn(cause.details?.[0]));
      return 'moved';
    }
    throw error;
  }
}

/** The device that a heartbeat or a worker's last word names; null when it died before it said one. */
function placeIn(details: unknown): DevicePlace | null {
  if (typeof details !== 'object' || details === null) return null;
  if (!('hostId' in details) || !('device' in details)) return null;
  const { hostId, device } = details;
  return typeof hostId === 'string' && typeof device === 'string' ? { hostId, device } : null;
}

function asTrial(
  request: TrialRequest,
  spent: { seed: number | 'fresh'; seconds: number },
  trained: Trained,
  scored: Scored,
): Trial {
  const value = scored.kind === 'value' ? scored.value : null;
  return {
    trial: request.trial,
    role: request.role,
    commit: request.commit,
    seed: trained.seed ?? (spent.seed === 'fresh' ? 0 : spent.seed),
    value,
    ...(scored.kind === 'none' ? { failure: scored.failure } : {}),
    ...(scored.kind === 'value' && scored.failedCheck !== undefined ? { failedCheck: scored.failedCheck } : {}),
    metrics: scored.kind === 'value' ? { ...scored.metrics } : {},
    seconds: trained.seconds,
    budgetSeconds: spent.seconds,
    startedAt: trained.startedAt,
    endedAt: trained.endedAt,
    hostId: trained.hostId,
    device: trained.device,
    deviceClass: trained.deviceClass,
    dataHash: trained.dataHash,
    tier: scored.kind === 'value' ? scored.tier : 'B',
    ...(scored.kind === 'value' && scored.documents !== undefined && { documents: scored.documents }),
  };
}
