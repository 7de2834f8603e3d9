// One run of a trial on a device: trained, then scored where it was trained. Whatever becomes of workers and hosts, it goes
// on where it stands; and it counts only on a device of the class, and on the data, that the session is measured on.
import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { DevicePlace, Trained, TrialKey } from '../activities/contract.ts';
import type { Scored } from '../src/domain/scored.ts';
import { classGone, isOfClass, otherClassNotice, otherData, type OtherDevice } from '../src/domain/measured-on.ts';
import type { RunningTrial } from '../src/domain/report.ts';
import { callEvaluate, callTrain } from './activities.ts';
import { NeedsPerson } from './blocked.ts';
import { parallelOf, type SessionState } from './state.ts';

/** A run to make. */
export interface Order {
  readonly key: TrialKey;
  readonly seconds: number;
  /** Which data to score on; absent: what decisions are made on. */
  readonly split: 'sealed' | undefined;
  readonly alsoSealed: boolean;
}

/** What came of it. */
export interface Outcome {
  readonly trained: Trained;
  readonly scored: Scored;
  readonly sealed?: Scored;
}

/** Of each lane, more than the runs of one trial: those that the machine spoiled come first when it is asked for again. */
const TRAINED_AT = 8;

/**
 * So many times without a sign of the device of the session's class, or refused by it, before a person is asked: one may
 * only say that the server itself was away.
 */
const MOST_SILENT = 2;

/** Where a run is asked for next: a device's own queue, or any device where null. */
interface Way {
  place: DevicePlace | null;
  silent: number;
  /** Devices that gave no sign of themselves. */
  readonly lost: DevicePlace[];
}

/** Runs it on a device that its number can be compared on; `NeedsPerson` where there is none, or one has other data. */
export async function trainAndScore(
  state: SessionState,
  { key, seconds, split, alsoSealed }: Order,
  enter: (stage: RunningTrial['stage']) => void,
): Promise<Outcome> {
  const name = `${key.experiment}/${key.trial}`;
  // A person may have mended its scoring: what is trained stands where it was trained.
  const way: Way = { place: state.trainedAt.find(({ trial }) => trial === name)?.place ?? null, silent: 0, lost: [] };
  for (;;) {
    enter('train');
    const { measuredOn } = state;
    const call = callTrain({ ...key, seconds, ...(measuredOn !== null && { measuredOn }) }, way.place);
    const trained = await attempt(call, way, (other) => sendOn(state, way, other));
    if (trained === 'moved') continue;
    // Device workers of older versions refuse nothing: they train it all the same.
    if (!isComparable(state, trained)) {
      sendOn(state, way, trained);
      continue;
    }
    stay(state, name, trained);
    if (trained.failure !== undefined) return { trained, scored: { kind: 'none', failure: trained.failure } };
    enter('evaluate');
    const { sandbox } = trained;
    const isPaired = key.contract.task.score?.paired !== undefined;
    const input = {
      ...key,
      ...(split !== undefined && { split }),
      ...(sandbox !== undefined && { sandbox }),
      ...(isPaired && { seconds }),
    };
    const score = (more: object): Promise<Scored | 'moved'> =>
      attempt(callEvaluate({ ...input, ...more }, trained), way);
    const scored = await score({});
    if (scored === 'moved') continue;
    if (!alsoSealed || scored.kind === 'none') return { trained, scored };
    const sealed = await score({ split: 'sealed' });
    if (sealed !== 'moved') return { trained, scored, sealed };
  }
}

/** Whether a training is of the session's class; throws `NeedsPerson` where it is of other data. */
function isComparable({ measuredOn }: SessionState, trained: Trained): boolean {
  const other = otherData(measuredOn, trained);
  if (other !== null) throw new NeedsPerson(other);
  return isOfClass(measuredOn, trained.deviceClass);
}

/** Remembers where it was trained. */
function stay(state: SessionState, name: string, { hostId, device }: Trained): void {
  const others = state.trainedAt.filter(({ trial }) => trial !== name);
  state.trainedAt = [...others, { trial: name, place: { hostId, device } }].slice(-TRAINED_AT * parallelOf(state));
  // Of several devices of the class the one that has just ended a training is the likeliest to be free.
  if (state.measuredOn !== null) state.measuredOn = { ...state.measuredOn, hostId, device };
}

/**
 * What a device of another class took is asked for on the queue of the one that trained last, of those that are not lost:
 * the other would take it again at once from the queue that they share.
 */
function sendOn(state: SessionState, way: Way, other: OtherDevice): void {
  const { measuredOn } = state;
  if (measuredOn === null) return;
  if (way.place !== null) way.silent++; // it is another device by now
  if (way.silent >= MOST_SILENT) throw new NeedsPerson(classGone(measuredOn, other));
  const notice = otherClassNotice(measuredOn, other);
  if (!state.notices.includes(notice)) state.notices = [...state.notices, notice];
  const { hostId, device } = measuredOn;
  const known = [...state.trainedAt.map(({ place }) => place), { hostId, device }];
  way.place = known.findLast((place) => !way.lost.some((one) => isSamePlace(one, place))) ?? { hostId, device };
}

/**
 * Awaits an activity on a device; when it ended because its worker did, notes where the trial is now, if anywhere. Tells
 * `refused` which device does not want it.
 */
async function attempt<T>(call: Promise<T>, way: Way, refused?: (other: OtherDevice) => void): Promise<T | 'moved'> {
  try {
    return await call;
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    if (cause instanceof TimeoutFailure) {
      // Nobody polls that device's queue any more (schedule to start): the host counts as lost, any device may train.
      const isLost = cause.timeoutType === 'SCHEDULE_TO_START';
      if (isLost) way.silent++;
      if (isLost && way.place !== null) way.lost.push(way.place);
      way.place = isLost ? null : placeIn(cause.lastHeartbeatDetails);
      return 'moved';
    }
    if (!(cause instanceof ApplicationFailure)) throw error;
    const [details]: readonly unknown[] = cause.details ?? [];
    if (cause.type === 'WorkerShutdown') {
      way.place = placeIn(details);
      return 'moved';
    }
    const other = cause.type === 'OtherClass' ? otherIn(details) : null;
    if (other === null || refused === undefined) throw error;
    refused(other);
    return 'moved';
  }
}

const isSamePlace = (one: DevicePlace, other: DevicePlace): boolean =>
  one.hostId === other.hostId && one.device === other.device;

/** The device that has refused a trial; null where it does not say what it is. */
function otherIn(details: unknown): OtherDevice | null {
  const place = placeIn(details);
  if (place === null || typeof details !== 'object' || details === null || !('deviceClass' in details)) return null;
  return { ...place, deviceClass: String(details.deviceClass) };
}

/** The device that a heartbeat or a worker's last word names; null when it died before it said one. */
function placeIn(details: unknown): DevicePlace | null {
  if (typeof details !== 'object' || details === null) return null;
  if (!('hostId' in details) || !('device' in details)) return null;
  const { hostId, device } = details;
  return typeof hostId === 'string' && typeof device === 'string' ? { hostId, device } : null;
}
