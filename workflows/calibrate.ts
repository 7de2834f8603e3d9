import { auditBaselineOf, splitOf } from '../src/domain/audit-evidence.ts';
import { usualOf } from '../src/domain/flags.ts';
import { begin, RETRY_OFFSET } from '../src/domain/course.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { boundProblem, noiseProblem, repeatProblem, sealedProblem, SEALED_TRIALS } from '../src/domain/calibration.ts';
import type { BaselineEvent, LedgerEvent } from '../src/domain/ledger.ts';
import { ceilingsOf, unmeasuredLimit } from '../src/domain/limits.ts';
import { unusedGpu } from '../src/domain/machine.ts';
import { measuredOn } from '../src/domain/measured-on.ts';
import { askedNumber } from '../src/domain/rerun.ts';
import { MEND, sentence } from '../src/domain/sentence.ts';
import { whyNoValue } from '../src/domain/target.ts';
import type { Contract } from '../activities/contract.ts';
import { block, unlessBlocked, whilePaused, whyNot } from './blocked.ts';
import { startLine } from './line.ts';
import { auditsOf, ruleOf, type SessionState } from './state.ts';
import { runTrial, type TrialRequest } from './trial.ts';
import { writeEvent } from './write-event.ts';

/** Seeds of the baseline under a rule that weighs noise: the first look at it that is worth the name. */
const CALIBRATION_TRIALS = 5;
/** Under `greedy`, which only shows the noise. */
const GREEDY_TRIALS = 3;
/** Of the baseline's first seed: what the machine alone does to a score. */
const REPEATS = 2;

/** One value shows no noise; a rule that needs none has asked for one trial itself. */
const LEAST_TRIALS = 2;

/** How many trials measure a commit that every candidate is then judged against. */
export function calibrationTrials(state: SessionState): number {
  return state.input.calibration ?? (ruleOf(state) === 'greedy' ? GREEDY_TRIALS : CALIBRATION_TRIALS);
}

/** A session that wants fewer seeds than usual has no time for repeats either. */
function repeatsOf(state: SessionState): number {
  return ruleOf(state) === 'greedy' || calibrationTrials(state) < CALIBRATION_TRIALS ? 0 : REPEATS;
}

/** Audits on the way compare with every trial; that at the end wants to know early whether there is sealed data at all. */
function sealedTrials(state: SessionState): number {
  return { all: Infinity, end: SEALED_TRIALS, none: 0 }[auditsOf(state)];
}

/** What the calibration hangs on. */
export interface Calibration {
  readonly state: SessionState;
  readonly contract: Contract;
  readonly changed: () => void;
  /** Called whenever a trial of the baseline trains. */
  readonly onTraining: () => void;
}

/**
 * Measures the untouched commit on several seeds: the noise, and the belief that every candidate is judged against. Where
 * they show that the machine or the task has to be mended first, all of them are measured anew after that.
 */
export async function calibrate(calibration: Calibration): Promise<void> {
  const { state, contract, changed } = calibration;
  state.phase = 'calibrating';
  for (let attempt = 0; ;) {
    const trials = await measureBaseline(calibration, attempt);
    // A person stopped it before there was a noise to judge by: who goes on measures the baseline anew.
    if (trials.length < Math.min(LEAST_TRIALS, calibrationTrials(state))) return;
    const problem = whyNotUsable(state, contract, trials);
    if (problem === null) return await goOnFrom(calibration, trials);
    await block(state, problem, changed);
    attempt = nextAttempt(trials);
  }
}

/** Trials of every seed, and repeats of the first; fewer where a person stops it. */
async function measureBaseline(calibration: Calibration, attempt: number): Promise<Trial[]> {
  const { state, changed } = calibration;
  const trials: Trial[] = [];
  const seeds = calibrationTrials(state);
  const wanted = seeds + repeatsOf(state);
  state.measuredOn = null;
  while (trials.length < wanted && state.stop === 'no') {
    await whilePaused(state, changed);
    const trial = await baselineTrial({ ...calibration, trial: trials.length + 1, seeds, attempt });
    state.measuredOn ??= measuredOn(trial);
    trials.push(trial);
  }
  return trials;
}

/** What these trials say that a person has to mend before anything is judged by them, and that; null where nothing is wrong. */
function whyNotUsable(state: SessionState, contract: Contract, trials: readonly Trial[]): string | null {
  const problem = repeatProblem(trials) ?? boundProblem(trials, contract.task);
  if (problem !== null) return `${problem} ${MEND}`;
  const unsealed = auditsOf(state) === 'none' ? null : sealedProblem(trials, contract.task);
  if (unsealed !== null) return `${unsealed} ${MEND}`;
  const noisy = state.input.strictMachine === true ? noiseProblem(trials, earlierNoise(contract, trials)) : null;
  return noisy === null ? null : `${noisy} Mend the machine, then resume: the baseline is measured anew.`;
}

/** A trial's directory is its key: under a number that there was, it would only be harvested again. */
const nextAttempt = (trials: readonly Trial[]): number =>
  1 + Math.max(...trials.map(({ trial }) => Math.floor(askedNumber(trial) / RETRY_OFFSET)));

async function goOnFrom({ state, contract, changed }: Calibration, trials: readonly Trial[]): Promise<void> {
  const unmeasured = unmeasuredLimit(contract.task, trials);
  if (unmeasured !== null && state.stop === 'no') await block(state, unmeasured, changed);
  await believe(state, contract, trials, changed);
  state.phase = 'running';
  changed();
}

interface BaselineRequest extends Calibration {
  readonly trial: number;
  /** Trials beyond so many repeat the first seed. */
  readonly seeds: number;
  /** How often this trial may have been measured before. */
  readonly attempt: number;
}

/** A baseline that gives no value, misses the target, fails a check or the device, is for a person to mend: nothing can be judged against it. */
async function baselineTrial({ trial, seeds, attempt: first, ...calibration }: BaselineRequest): Promise<Trial> {
  const { state, contract, changed, onTraining } = calibration;
  const isRepeat = trial > seeds;
  const onStage: TrialRequest['onStage'] = (stage) => {
    changed();
    if (stage === 'train') onTraining();
  };
  for (let attempt = first; ; attempt++) {
    const request = {
      contract,
      experiment: 0,
      role: isRepeat ? 'repeat' : 'baseline',
      ...(isRepeat && { seedOf: 1 }),
      alsoSealed: !isRepeat && splitOf(contract.task) === 'sealed' && trial <= sealedTrials(state),
      commit: contract.base,
      hypothesis: isRepeat ? 'baseline, its first seed again' : 'baseline',
      onStage,
    } as const;
    // A trial's directory is its key: after `resume` the same number would only harvest the failure again.
    const again = { ...request, trial: trial + attempt * RETRY_OFFSET };
    const result = await unlessBlocked(state, () => runTrial(state, again), changed).catch(whyNot);
    const why = typeof result === 'string' ? result : whyNoValue(contract.task, result);
    if (typeof result !== 'string' && why === undefined) return result;
    const problem =
      typeof result === 'string'
        ? `The baseline's trial ${trial} could not be measured: ${sentence(result)} Mend that, then resume; or stop the session.`
        : `The baseline's trial ${trial} (seed ${result.seed}) gave no value that counts: ${sentence(why ?? '')} ${MEND}`;
    await block(state, problem, changed);
  }
}

/** The noise that earlier sessions saw on this class of device and these data; null where none did. */
function earlierNoise({ earlierNoise: noise, earlierData: data }: Contract, [first]: readonly Trial[]): number | null {
  if (first === undefined) return null;
  const { deviceClass, dataHash } = first;
  return (data?.[deviceClass] ?? dataHash) === dataHash ? (noise?.[deviceClass] ?? null) : null;
}

const isSame = (standing: LedgerEvent): standing is BaselineEvent => standing.kind === 'baseline';

/** Writes the calibration down, then goes by what the ledger has. */
async function believe(
  state: SessionState,
  contract: Contract,
  trials: readonly Trial[],
  changed: () => void,
): Promise<void> {
  const { metric } = contract.task;
  const earlier = earlierNoise(contract, trials);
  const at = new Date().toISOString();
  const prior = earlier ?? metric.noise ?? null;
  const event: BaselineEvent = { version: 1, kind: 'baseline', at, commit: contract.base, trials: [...trials], prior };
  const held = await writeEvent({ state, contract, event, isSame, changed });
  const course = begin(held, metric.direction, metric.noise ?? null);
  if (course !== null) startLine(state, course);
  state.usual = usualOf(held.trials, contract.task);
  state.auditBaseline = auditBaselineOf(held.trials, splitOf(contract.task));
  state.ceilings = ceilingsOf(contract.task.limits, held.trials);
  state.tier = held.trials.every(({ tier }) => tier === 'A') ? 'A' : 'B';
  const unused = unusedGpu(held.trials);
  if (unused !== null) state.notices = [...state.notices, unused];
  const noisy = noiseProblem(held.trials, earlier);
  if (noisy !== null) state.notices = [...state.notices, noisy];
}
