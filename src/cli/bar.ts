import type { Beat } from '../session-workflow.ts';
import type { RunningTrial } from '../domain/report.ts';
import { duration, figure } from './figures.ts';

const BAR_WIDTH = 24;

/** How far a running trial is: `[########----------------] 33 %  2.0 of 6.0 s · step 1640/5000`. */
export function barOf(running: RunningTrial, beat: Beat | null): string {
  if (running.stage === 'evaluate') return 'scoring';
  if (beat === null) return 'starting'; // a long wait is a warning of its own
  if (beat.phase !== 'training') return PHASES[beat.phase] ?? beat.phase;
  const share = shareOf(running, beat);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`;
  const { elapsedSeconds, step, of, value } = beat;
  const time = elapsedSeconds === undefined ? '' : spent(elapsedSeconds, running.seconds);
  const steps = step === undefined ? '' : `step ${step}${of === undefined ? '' : `/${of}`}`;
  const reading = value === undefined ? '' : `loss ${figure(value, 4)}`;
  return `${bar}  ${[time, steps, reading].filter((part) => part !== '').join(' · ')}`;
}

/** The phases of a device that are no training, in words. */
const PHASES: Readonly<Record<string, string>> = {
  checkout: 'preparing the files of this trial',
  preparing: 'preparing the files of this trial',
  waiting: 'waiting for the device to be free',
  ending: 'ending the training',
};

/** By the clock, which is what bounds a trial; by steps where the clock is not known. */
function shareOf(running: RunningTrial, { elapsedSeconds, step, of }: Beat): number {
  const share =
    elapsedSeconds === undefined ? (step ?? 0) / (of ?? Number.POSITIVE_INFINITY) : elapsedSeconds / running.seconds;
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}

const spent = (elapsed: number, of: number): string =>
  of < 90 ? `${elapsed.toFixed(1)} of ${of} s` : `${duration(elapsed)} of ${duration(of)}`;
