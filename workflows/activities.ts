import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities, Contract, DevicePlace, Opened } from '../activities/contract.ts';
import { CONTROL_QUEUE, DEVICE_QUEUE, homeQueue, ownDeviceQueue, shortHash } from '../src/domain/names.ts';
import { scoringSeconds } from '../src/domain/paired.ts';
import { trialName } from '../src/domain/rerun.ts';

/*
 * How each activity is called: queue, limits, retries (the table of options in CONTRIBUTING.md, with the reasons).
 * `cancellationType` is set everywhere: left out it means TRY_CANCEL, and the session would move on while a device
 * still runs.
 */

/** Beaten every second; a control worker that is gone is noticed after this. */
const CONTROL_HEARTBEAT = '8 seconds';
/** Beaten every second; longer, because a device under full load may starve its worker. */
const DEVICE_HEARTBEAT = '15 seconds';
/** After so long without a poll of a device's own queue the host counts as lost, where the contract does not say. */
const HOST_LOST_SECONDS = 600;
/** Every second: what is retried is a process that restarts, not a service that needs rest. */
const RETRY = {
  initialInterval: '1 second',
  backoffCoefficient: 1,
  nonRetryableErrorTypes: ['Blocked', 'InvalidInput'],
};

const control: ActivityOptions = {
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: CONTROL_HEARTBEAT,
  retry: RETRY,
};

const { open } = proxyActivities<Pick<Activities, 'open'>>({
  ...control,
  taskQueue: CONTROL_QUEUE,
  startToCloseTimeout: '10 minutes',
});
const { propose, review, commit, revert, restore, record } =
  proxyActivities<Pick<Activities, 'propose' | 'review' | 'commit' | 'revert' | 'restore' | 'record'>>(control);
const { train, evaluate } = proxyActivities<Pick<Activities, 'train' | 'evaluate'>>({
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: DEVICE_HEARTBEAT,
});

/** Calls `open` on whichever control worker is free; the summary is what the Temporal UI shows. */
export const callOpen = (input: Parameters<Activities['open']>[0]): Promise<Opened> =>
  open.executeWithOptions(
    { ...control, taskQueue: CONTROL_QUEUE, startToCloseTimeout: '10 minutes', summary: 'repo and task' },
    [input],
  );

/** The hypothesis, far below the limit of 400 bytes for a summary. */
const said = ({ record: { hypothesis } }: Parameters<Activities['revert']>[0]): string => hypothesis.slice(0, 100);

/** The git verbs of one session, on the queue of the control worker that opened it. */
export function gitVerbs(contract: Contract) {
  const at = (summary: string): ActivityOptions => ({ ...control, taskQueue: homeQueue(contract.homeId), summary });
  return {
    propose: (input: Parameters<Activities['propose']>[0]) =>
      propose.executeWithOptions(
        { ...at(`experiment ${input.experiment} · propose`), startToCloseTimeout: '30 minutes' },
        [input],
      ),
    review: (input: Parameters<Activities['review']>[0]) =>
      review.executeWithOptions(
        { ...at(`experiment ${input.experiment} · review`), startToCloseTimeout: '30 minutes' },
        [input],
      ),
    commit: (input: Parameters<Activities['commit']>[0]) =>
      commit.executeWithOptions(at(`experiment ${input.record.experiment} · commit · ${said(input)}`), [input]),
    revert: (input: Parameters<Activities['revert']>[0]) =>
      revert.executeWithOptions(at(`experiment ${input.record.experiment} · revert (${input.record.verdict})`), [
        input,
      ]),
    restore: (input: Parameters<Activities['restore']>[0]) => restore.executeWithOptions(at('restore'), [input]),
    record: (input: Parameters<Activities['record']>[0]) =>
      record.executeWithOptions(at(input.event.kind === 'end' ? 'end of the session' : input.event.kind), [input]),
  };
}

const deviceOptions = (
  verb: string,
  input: Parameters<Activities['evaluate']>[0],
  seconds: number,
): ActivityOptions => ({
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  heartbeatTimeout: DEVICE_HEARTBEAT,
  startToCloseTimeout: `${Math.ceil(seconds)} seconds`,
  // Sessions share devices by turns, however many lanes each has.
  priority: { fairnessKey: shortHash(input.contract.session) },
  summary: `experiment ${input.experiment} · ${verb} · ${input.seed === 'fresh' ? 'a fresh seed' : `seed ${input.seed}`}${input.trial > 1 ? ` · trial ${trialName(input.trial)}` : ''}`,
});

const hostLostAfter = ({ contract }: Parameters<Activities['evaluate']>[0]): string =>
  `${contract.hostLostSeconds ?? HOST_LOST_SECONDS} seconds`;

/** Room for checkout, start of processes and the last heartbeat, beside what the task file allows. */
const GRACE_SECONDS = 120;

/**
 * Trains: on any free device when `place` is null, with one attempt, because a second attempt elsewhere would train
 * what the first device still trains; on the device that has the trial when it is known, without limit.
 */
export function callTrain(
  input: Parameters<Activities['train']>[0],
  place: DevicePlace | null,
): ReturnType<Activities['train']> {
  const { prepare, train: command } = input.contract.task;
  const seconds = (prepare?.seconds ?? 0) + command.startupSeconds + input.seconds + GRACE_SECONDS;
  const options = deviceOptions('train', input, seconds);
  if (place === null) {
    return train.executeWithOptions({ ...options, taskQueue: DEVICE_QUEUE, retry: { maximumAttempts: 1 } }, [input]);
  }
  const queue = ownDeviceQueue(place.hostId, place.device);
  return train.executeWithOptions(
    { ...options, taskQueue: queue, scheduleToStartTimeout: hostLostAfter(input), retry: RETRY },
    [input],
  );
}

/** Scores on the device that trained, where the output is. */
export function callEvaluate(
  input: Parameters<Activities['evaluate']>[0],
  place: DevicePlace,
): ReturnType<Activities['evaluate']> {
  const seconds = scoringSeconds(input.contract.task, input.seconds) + GRACE_SECONDS;
  return evaluate.executeWithOptions(
    {
      ...deviceOptions('evaluate', input, seconds),
      taskQueue: ownDeviceQueue(place.hostId, place.device),
      scheduleToStartTimeout: hostLostAfter(input),
      retry: RETRY,
    },
    [input],
  );
}
