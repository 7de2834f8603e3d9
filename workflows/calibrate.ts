import { measureBaseline } from '../src/domain/belief.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { sentence } from '../src/domain/sentence.ts';
import type { Contract } from '../activities/contract.ts';
import { gitVerbs } from './activities.ts';
import { block, unlessBlocked, whilePaused } from './blocked.ts';
import type { SessionState } from './state.ts';
import { runTrial } from './trial.ts';

/** Baseline trials of a session that names no number: the fewest that show a noise at all worth the name. */
const CALIBRATION_TRIALS = 3;

/** How many trials measure a commit that every candidate is then judged against. */
export function calibrationTrials({ input }: SessionState): number {
  return input.calibration ?? CALIBRATION_TRIALS;
}

/** Measures the untouched commit on several seeds: the noise, and the belief that every candidate is judged against. */
export async function calibrate(state: SessionState, contract: Contract, changed: () => void): Promise<void> {
  state.phase = 'calibrating';
  const trials: Trial[] = [];
  const wanted = calibrationTrials(state);
  while (trials.length < wanted && state.stop === 'no') {
    await whilePaused(state, changed);
    trials.push(await baselineTrial(state, contract, trials.length + 1, changed));
  }
  if (trials.length === 0) return;
  const at = new Date().toISOString();
  const event = { version: 1, kind: 'baseline', at, commit: contract.base, trials } as const;
  const write = () => gitVerbs(contract).record({ contract, index: state.nextEvent, event });
  const standing = await unlessBlocked(state, write, changed, 'until resumed');
  state.nextEvent++;
  believe(state, contract, standing?.kind === 'baseline' ? standing.trials : trials);
  state.phase = 'running';
  changed();
}

/** A baseline that gives no value is for a person to mend: without it nothing can be judged. */
async function baselineTrial(
  state: SessionState,
  contract: Contract,
  trial: number,
  changed: () => void,
): Promise<Trial> {
  for (let attempt = 0; ; attempt++) {
    const request = {
      contract,
      experiment: 0,
      trial,
      role: 'baseline',
      commit: contract.base,
      hypothesis: 'baseline',
      onStage: changed,
    } as const;
    // A trial's directory is its key: after `resume` the same number would only harvest the failure again.
    const result = await unlessBlocked(
      state,
      () => runTrial(state, { ...request, trial: trial + attempt * RETRY_OFFSET }),
      changed,
    );
    if (result.value !== null) return result;
    const problem = `The baseline's trial ${trial} (seed ${result.seed}) gave no value: ${sentence(result.failure ?? 'no reason given')}`;
    await block(state, `${problem} Mend the task, then resume; or stop the session.`, changed);
  }
}

/** Far above any number of calibration trials, and a multiple of the number of seeds, so that the seed stays. */
const RETRY_OFFSET = 1600;

function believe(state: SessionState, contract: Contract, trials: readonly Trial[]): void {
  const measured = measureBaseline(contract.base, trials, contract.task.metric.noise);
  if (measured === null) return;
  state.noise = measured.noise;
  state.baseline = measured.belief;
  state.incumbent = measured.belief;
  state.tier = measured.tier;
}
