import { auditBaselineOf, splitOf } from '../src/domain/audit-evidence.ts';
import { usualOf } from '../src/domain/flags.ts';
import { begin, RETRY_OFFSET } from '../src/domain/course.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { noiseProblem, repeatProblem, sealedProblem, SEALED_TRIALS } from '../src/domain/calibration.ts';
import type { BaselineEvent, LedgerEvent } from '../src/domain/ledger.ts';
import { ceilingsOf, unmeasuredLimit } from '../src/domain/limits.ts';
import { unusedGpu } from '../src/domain/machine.ts';
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

/** Measures the untouched commit on several seeds: the noise, and the belief that every candidate is judged against. */
export async function calibrate({ state, contract, changed, onTraining }: Calibration): Promise<void> {
  state.phase = 'calibrating';
  const trials: Trial[] = [];
  const seeds = calibrationTrials(state);
  const wanted = seeds + repeatsOf(state);
  while (trials.length < wanted && state.stop === 'no') {
    await whilePaused(state, changed);
    trials.push(await baselineTrial({ state, contract, trial: trials.length + 1, seeds, changed, onTraining }));
  }
  // A person stopped it before there was a noise to judge by: who goes on measures the baseline anew.
  if (trials.length < Math.min(LEAST_TRIALS, seeds)) return;
  const problem = repeatProblem(trials);
  if (problem !== null) await block(state, `${problem} ${MEND}`, changed);
  const unsealed = auditsOf(state) === 'none' ? null : sealedProblem(trials, contract.task);
  if (unsealed !== null && state.stop === 'no') await block(state, `${unsealed} ${MEND}`, changed);
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
}

/** A baseline that gives no value, misses the target, or fails, is for a person to mend: without it nothing can be judged. */
async function baselineTrial({ trial, seeds, ...calibration }: BaselineRequest): Promise<Trial> {
  const { state, contract, changed, onTraining } = calibration;
  const isRepeat = trial > seeds;
  const onStage: TrialRequest['onStage'] = (stage) => {
    changed();
    if (stage === 'train') onTraining();
  };
  for (let attempt = 0; ; attempt++) {
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
        : `The baseline's trial ${trial} (seed ${result.seed}) gave no value: ${sentence(why ?? '')} ${MEND}`;
    await block(state, problem, changed);
  }
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
  const earlier = contract.earlierNoise?.[trials[0]?.deviceClass ?? ''] ?? null;
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
  if (unused !== null) state.notices = [unused];
  const noisy = noiseProblem(held.trials, earlier);
  if (noisy === null) return;
  if (state.input.strictMachine === true) await block(state, `${noisy} Mend the machine, then resume.`, changed);
  else state.notices = [...state.notices, noisy];
}
