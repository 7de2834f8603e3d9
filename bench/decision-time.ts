// How long a verdict takes: late in a session, when much is known of the noise, on a candidate that stayed in doubt for as
// many trials as any may have, its incumbent measured again as often as it may be.
import { decide, type Evidence, type JudgedTrial } from '../src/domain/decide.ts';
import { calibrated } from '../src/domain/standing.ts';
import { createRandomNumbers } from '../src/proposer/random-numbers.ts';
import { quantile } from './statistics.ts';

const CALLS = 2000;
/** Until the engine has compiled what it runs often. */
const WARM_UP = 200;
const CALIBRATION_TRIALS = 5;
const CANDIDATE_TRIALS = 6;
/** The rule measures an incumbent again up to the eighth trial of its tree. */
const INCUMBENT_TRIALS = 3;
/** Of all trials before: a night's. */
const NOISE_DEGREES = 100;

/** The 95th percentile of the time that one verdict takes, in milliseconds. */
export function decisionMilliseconds(seed: number): number {
  const random = createRandomNumbers(seed);
  const times = Array.from({ length: WARM_UP + CALLS }, () => {
    const evidence = lateEvidence(() => random.normal());
    const startedAt = performance.now();
    decide(evidence);
    return performance.now() - startedAt;
  });
  return quantile(times.slice(WARM_UP), 0.95);
}

/** What of it is said beside the number. */
export const DECISION = `${CALLS} verdicts on ${CANDIDATE_TRIALS} trials of a candidate and ${INCUMBENT_TRIALS} of its incumbent`;

function lateEvidence(normal: () => number): Evidence {
  const scores = Array.from({ length: CALIBRATION_TRIALS }, normal);
  const trialsOf = (role: 'candidate' | 'incumbent', count: number, mean: number): JudgedTrial[] =>
    Array.from({ length: count }, () => ({ role, value: mean + normal() }));
  return {
    rule: 'default',
    direction: 'minimize',
    standing: calibrated(scores, { squares: NOISE_DEGREES, degrees: NOISE_DEGREES }),
    netLines: 12,
    // Half the noise better: mostly neither kept nor given up before its last trial.
    trials: [...trialsOf('incumbent', INCUMBENT_TRIALS, 0), ...trialsOf('candidate', CANDIDATE_TRIALS, -0.5)],
  };
}
