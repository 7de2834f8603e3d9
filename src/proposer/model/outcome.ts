import type { ExperimentRecord } from '../../domain/experiment.ts';
import type { PromptTry } from './prompt-request.ts';

/** How sure a gain is, in a word: exact chances would be a score to climb. */
const SURE = [
  [0.9, 'clear'],
  [0.65, 'likely'],
  [0.35, 'unclear'],
] as const;

/**
 * An experiment as its proposer may know it: the verdict, the gain rounded to half the noise, how sure that is in a word.
 * Evaluation design, section 3: exact numbers are for the person, sealed ones and detectors for nobody who proposes.
 */
export function tryOf({
  experiment,
  verdict,
  hypothesis,
  reason,
  gain,
  noise,
  assessment,
  trials,
  work,
}: ExperimentRecord): PromptTry {
  const kind = work?.kind === undefined ? '' : ` (${work.kind})`;
  return { experiment, verdict, hypothesis: `${hypothesis || '(none)'}${kind}`, outcome: outcome() };

  function outcome(): string {
    const seen = assessment?.gain ?? gain;
    if (verdict === 'keep' || verdict === 'discard') {
      const check = trials.find(({ failedCheck }) => failedCheck !== undefined)?.failedCheck;
      if (check !== undefined) return check;
      const size = seen === null || noise === null || noise === 0 ? '' : inNoise(seen / noise);
      const sure =
        assessment === undefined ? '' : (SURE.find(([least]) => assessment.better >= least)?.[1] ?? 'no gain');
      return [size, sure].filter((part) => part !== '').join(', ') || reason;
    }
    // The class of what was broken, never how it was found.
    if (verdict === 'quarantine') return 'not trusted';
    return trials.at(-1)?.crash?.class ?? reason.slice(0, 120);
  }
}

function inNoise(gain: number): string {
  const halves = Math.round(2 * gain) / 2;
  if (halves === 0) return 'as good';
  return `${Math.abs(halves)} times the noise ${halves > 0 ? 'better' : 'worse'}`;
}
