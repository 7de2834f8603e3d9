import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { classifyScoring, REFUSED } from '../src/domain/crash.ts';
import { readDocuments, readMetric } from '../src/domain/metric.ts';
import { inShort } from '../src/domain/sentence.ts';
import { askedMetric } from '../src/domain/target.ts';
import type { Task } from '../src/domain/task.ts';
import { passedWords, type Passed } from '../src/trainer/allowance.ts';
import { readJson, writeJson } from '../src/trainer/durable-file.ts';
import { logEnd, lastWords } from '../src/trainer/last-words.ts';
import { stampOutput } from '../src/trainer/output-hash.ts';
import { withOutput } from '../src/trainer/prune.ts';
import type { StepResult } from '../src/trainer/run-step.ts';
import { sandboxHere } from '../src/trainer/sandbox-probe.ts';
import { trialDirectory, trialId, type TrialDirectory } from '../src/trainer/trial-directory.ts';
import { exitSchema } from '../src/trainer/trial-spec.ts';
import type { Activities, EvaluateInput } from './contract.ts';
import type { Scored } from '../src/domain/scored.ts';
import type { Beat } from './beat.ts';
import { dataTrouble } from './data-guard.ts';
import { createBench, directoryOf, type Bench, type ScoringJob } from './bench.ts';
import { cloneForDevice, keyOf, preparedFor, type DeviceDeps } from './device-home.ts';
import { BEAT_MS, asFailure } from './failures.ts';
import { protectedTrouble } from './protected-files.ts';
import { scorePaired } from './score-paired.ts';
import { scorerFailed, scorerSaidNothing } from './scorer-failure.ts';

/** A scorer's way to say that the candidate's side failed; any other code that is not 0 is the scorer's own failure. */
const CANDIDATE_FAILED = 3;
/** A scorer that failed is run once more on the same output: a killed process is no result. */
const SCORER_TRIES = 2;

/**
 * Scores what a trial left, in a checkout of its own, so that nothing the training wrote is run. Without a scorer the
 * metric is what training printed. Then runs the task's checks. Safe to run again: it only reads the trial's output.
 */
export function createEvaluate(deps: DeviceDeps): Activities['evaluate'] {
  return async (input) => {
    const context = Context.current();
    const trial = `${input.experiment}/${input.trial}`;
    const beat: Beat = { hostId: deps.hostId, device: deps.device.id, phase: 'scoring', trial };
    context.heartbeat(beat);
    const timer = setInterval(() => context.heartbeat(beat), BEAT_MS);
    const scored = deps.desk.scoring(trialId(keyOf(input)));
    try {
      const directory = trialDirectory(deps.state.trials, keyOf(input));
      return await withOutput(directory, () => evaluate(deps, input, context.cancellationSignal));
    } catch (error) {
      if (context.cancellationSignal.aborted) throw new CancelledFailure('The scoring was ended.');
      throw asFailure(error, deps.state.trials);
    } finally {
      clearInterval(timer);
      scored();
    }
  };
}

async function evaluate(deps: DeviceDeps, input: EvaluateInput, signal: AbortSignal): Promise<Scored> {
  const clone = await cloneForDevice(deps, input, signal);
  const [prepared, refused] = await Promise.all([
    preparedFor(deps, clone, input, { say: () => {} }),
    protectedTrouble(clone, input),
  ]);
  if (refused !== null) return { kind: 'none', failure: refused, crash: REFUSED };
  const job: ScoringJob = { deps, input, clone, prepared, signal };
  const directory = directoryOf(job);
  // What answers and what checks may be as free as what trained.
  const isHeld = sandboxHere().sandbox === 'bubblewrap' && input.sandbox === 'bubblewrap';
  const spoiled = async () => (isHeld ? null : dataTrouble(prepared, directory, input));
  const before = await spoiled();
  if (before !== null) return noValue(directory, before);
  const bench = await createBench(job, directory, input.commit);
  const isChanged = await isOutputChanged(directory);
  const scored = await measure(job, bench);
  const checked = scored.kind === 'value' ? await check(bench, scored) : scored;
  await bench.remove();
  await spoiled();
  return isChanged && checked.kind === 'value' ? { ...checked, outputChanged: true } : checked;
}

/** The value, from the scorer where there is one; beside the baseline where the task wants that. */
async function measure(job: ScoringJob, bench: Bench): Promise<Scored> {
  const { score: scorer } = job.input.contract.task;
  if (scorer === undefined) return readLog(bench);
  return scorer.paired === undefined ? score(bench) : scorePaired(job, bench, { blocks: scorer.paired, score });
}

/** Whether somebody wrote to what is to be scored after the training had ended. */
async function isOutputChanged({ exit, out, found }: TrialDirectory): Promise<boolean> {
  // Found once, before any scorer ran: that may write beside the output, and be run again.
  const before = readJson(found, foundSchema);
  if (before.status === 'ok') return before.value.outputChanged;
  const ended = readJson(exit, exitSchema);
  const stamp = ended.status === 'ok' ? ended.value.output : undefined;
  const outputChanged = stamp !== undefined && stamp !== (await stampOutput(out));
  writeJson(found, { outputChanged });
  return outputChanged;
}

const foundSchema = z.object({ outputChanged: z.boolean() });

/** What training printed: honest tasks only, so tier B says so beside the number. */
async function readLog({ input, directory }: Bench): Promise<Scored> {
  const log = await readFile(directory.log, 'utf8');
  const { task, project } = input.contract;
  // A script of pi-autoresearch may print a METRIC line for each repetition, of which its own reader takes the last, and
  // say the same in words beside it. Any other task says its number once: of two nobody could tell which is meant.
  const reading = readMetric(log, askedMetric(task).name, { summary: project !== 'pi', last: project === 'pi' });
  if (reading.kind === 'none')
    return {
      ...noValue(directory, reading.reason),
      failure: `${reading.reason.replace(/\.$/, '')} in the output of ${inShort(task.train.run)}.`,
    };
  return { kind: 'value', value: reading.value, metrics: reading.metrics, tier: 'B' };
}

type Unscored = Extract<Scored, { kind: 'none' }>;

/** A candidate without a value: what was said of it, and what class of crash that is. */
function noValue({ log }: TrialDirectory, failure: string, broke?: 'seconds' | Passed): Unscored {
  return { kind: 'none', failure, crash: classifyScoring({ words: failure, broke, log: logEnd(log) }) };
}

async function score({ input, step, directory, launcher, allowance }: Bench): Promise<Scored> {
  const { task } = input.contract;
  const env = {
    ...(launcher.path !== undefined && { AUTORESEARCH_SANDBOX: launcher.path }),
    // The scorer alone is told, no code of a candidate; and only where it is not the usual, so that scorers that know one
    // split need not know the word.
    ...(input.split !== undefined && { AUTORESEARCH_SPLIT: input.split }),
  };
  const { run, seconds } = task.score ?? { run: '', seconds: 0 };
  let last: StepResult | undefined;
  for (let tries = 0; tries < SCORER_TRIES; tries++) {
    last = await step(run, seconds, { env });
    if (last.code === 0) {
      const reading = readMetric(last.stdout, askedMetric(task).name, { summary: false });
      if (reading.kind === 'none') return withoutMetric({ input, directory }, reading.reason);
      const documents = input.split === 'sealed' ? readDocuments(last.stdout) : undefined;
      const { value, metrics } = reading;
      // A candidate that trained in the sandbox and answered from it could reach neither data nor score.
      const tier = input.sandbox === 'bubblewrap' && launcher.wasUsed() && hidesSealed(task) ? 'A' : 'B';
      return { kind: 'value', value, metrics, tier, ...(documents !== undefined && { documents }) };
    }
    if (last.code === CANDIDATE_FAILED) return noValue(directory, lastWords(last.stderrTail));
    // The candidate's answers have done that, unless the baseline's do; a second time they would do it again.
    if (last.passed !== undefined && input.experiment > 0)
      return noValue(directory, `scoring ${passedWords(last.passed, allowance)}`, last.passed);
  }
  // A scorer that scores the baseline in time and never this candidate has met the candidate's slowness.
  if (last?.timedOut === true && input.experiment > 0)
    return noValue(directory, `scoring took longer than ${seconds} s`, 'seconds');
  throw scorerFailed(input, last, allowance);
}

/**
 * A scorer that ended well gave no number. Of the baseline that is the task's to mend; a candidate it has given one for
 * before made it no number, or printed among the scorer's lines.
 */
function withoutMetric({ input, directory }: Pick<Bench, 'input' | 'directory'>, reason: string): Unscored {
  if (input.experiment > 0) return noValue(directory, reason);
  throw scorerSaidNothing(input, reason);
}

/** Whether sealed data, where the scorer is asked for some, can be what the task hides; else training may well see it. */
const hidesSealed = ({ score: scorer, hidden }: Task): boolean => scorer?.sealed !== true || hidden.length > 0;

async function check(
  { input, step, shield, allowance }: Bench,
  scored: Extract<Scored, { kind: 'value' }>,
): Promise<Scored> {
  for (const { name, run, seconds } of input.contract.task.checks) {
    const result = await step(run, seconds, { shield });
    if (result.aborted) throw new CancelledFailure('The scoring was ended.');
    const passed = result.passed === undefined ? null : passedWords(result.passed, allowance);
    const how =
      passed ?? (result.timedOut ? `took longer than ${seconds} s` : lastWords(result.stderrTail || result.stdout));
    if (result.code !== 0) return { ...scored, failedCheck: `check "${name}" failed: ${how}` };
  }
  return scored;
}
