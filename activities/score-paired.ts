// A trial beside the baseline: that is trained once more in this trial, in a place and a sandbox of its own, and then both
// are scored turn by turn (src/domain/paired.ts). Safe to run again: what an earlier start built is removed.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledFailure } from '@temporalio/common';
import { logRatio, medianOf, turnsOf, type Arm } from '../src/domain/paired.ts';
import { MEND, sentence } from '../src/domain/sentence.ts';
import { taskFolder } from '../src/domain/task.ts';
import { lastWords } from '../src/trainer/last-words.ts';
import { runStep } from '../src/trainer/run-step.ts';
import { sandboxCommand } from '../src/trainer/sandbox.ts';
import { sandboxHere } from '../src/trainer/sandbox-probe.ts';
import { baselineBeside, trialId, type TrialDirectory } from '../src/trainer/trial-directory.ts';
import { createBench, directoryOf, placeOf, type Bench, type ScoringJob } from './bench.ts';
import type { Scored } from '../src/domain/scored.ts';
import { keyOf } from './device-home.ts';
import { blocked } from './failures.ts';
import { trainingRequest } from './sandboxes.ts';

type Value = Extract<Scored, { kind: 'value' }>;

/** Scores the candidate on `bench` beside the baseline, `score` being one run of the scorer. */
export async function scorePaired(
  job: ScoringJob,
  bench: Bench,
  { blocks, score }: { readonly blocks: number; readonly score: (bench: Bench) => Promise<Scored> },
): Promise<Scored> {
  const directory = baselineBeside(directoryOf(job));
  try {
    await trainBaseline(job, directory);
    const benches = { candidate: bench, baseline: await createBench(job, directory, job.input.contract.base) };
    const told: Record<Arm, Value[]> = { candidate: [], baseline: [] };
    for (const arm of turnsOf(blocks)) {
      const scored = asPositive(await score(benches[arm]), job);
      if (scored.kind === 'value') told[arm].push(scored);
      else if (arm === 'candidate') return scored;
      else throw blocked(`The baseline beside this trial gave no value: ${sentence(scored.failure)} ${MEND}`);
    }
    return inPairs(job, told);
  } finally {
    await removeAll(directory);
  }
}

/** Of the medians there is a ratio, and a logarithm, only where all are above 0. */
function asPositive(scored: Scored, { input }: ScoringJob): Scored {
  if (scored.kind === 'none' || scored.value > 0) return scored;
  const { name } = input.contract.task.metric;
  const failure = `Expected \`${name}\` to be above 0, got ${scored.value}.`;
  return { kind: 'none', failure, crash: { class: 'unknown', fault: 'idea' } };
}

const valuesOf = (runs: readonly Value[]): number[] => runs.map(({ value }) => value);

/** All runs as one score; what a run says beside its number counts as the candidate's last run says it. */
function inPairs({ input }: ScoringJob, told: Record<Arm, readonly Value[]>): Scored {
  const { name } = input.contract.task.metric;
  const [candidate, baseline] = [valuesOf(told.candidate), valuesOf(told.baseline)];
  const medians = { [name]: medianOf(candidate), [`baseline_${name}`]: medianOf(baseline) };
  return {
    kind: 'value',
    value: logRatio(candidate, baseline),
    metrics: { ...told.candidate.at(-1)?.metrics, ...medians },
    tier: told.candidate.every(({ tier }) => tier === 'A') ? 'A' : 'B',
  };
}

/** Its scratch may stand elsewhere. */
async function removeAll({ root, tmp }: TrialDirectory): Promise<void> {
  for (const folder of [root, tmp]) await rm(folder, { recursive: true, force: true });
}

/** Trains the baseline as the candidate was trained; that it fails is no candidate's fault. */
async function trainBaseline(job: ScoringJob, directory: TrialDirectory): Promise<void> {
  const { deps, input, clone, signal } = job;
  const { task, taskPath, base } = input.contract;
  const { run, seconds: usual, startupSeconds } = task.train;
  const { tree, out, home, tmp } = directory;
  await removeAll(directory);
  for (const folder of [out, home, tmp]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await deps.trees.checkout({ clone, commit: base, folder: tree });
  const seconds = input.seconds ?? usual;
  const place = placeOf(job, directory, seconds);
  const result = await runStep({
    id: trialId(keyOf(input)),
    isTraining: true,
    command: run,
    cwd: join(tree, taskFolder(taskPath)),
    env: place.env,
    shield: sandboxCommand(sandboxHere(), trainingRequest(place)),
    seconds: seconds + startupSeconds,
    signal,
  });
  if (result.aborted) throw new CancelledFailure('The scoring was ended.');
  if (result.code === 0) return;
  const how = result.timedOut ? 'did not end in time' : `exited with ${result.code ?? result.signal ?? 'nothing'}`;
  throw blocked(
    `The baseline's training beside this trial ${how}: ${sentence(lastWords(result.stderrTail) || 'it said nothing')} ${MEND}`,
  );
}
