// What stays of a trial's output, and what train and evaluate make of one that is gone.
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pruneTrial } from '../../src/trainer/prune.ts';
import { readTicket, trialDirectory, type TrialDirectory } from '../../src/trainer/trial-directory.ts';
import { until } from '../support/until.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const SCORER = 'score: { run: bash score.sh, seconds: 20 }\n';
const SCORE = { 'score.sh': 'echo METRIC loss=$(cat $AUTORESEARCH_OUT/model)\n' };

const workshopOf = async (run: string, input = {}, score = SCORE) => {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile(run, SCORER), ...score });
  const contract = await workshop.open({ session: 'night', input, at: AT });
  const directory = trialDirectory(workshop.state.trials, { session: 'night', experiment: 0, trial: 1 });
  const key = { contract, experiment: 0, trial: 1, commit: contract.base, seed: 7 };
  return { ...workshop, contract, directory, key };
};
const clear = (directory: TrialDirectory) => pruneTrial({ directory, experiment: 0, ticket: readTicket(directory) });

it('keeps the output of a training that can be scored, scored or not', async () => {
  const { directory, tryBase, contract } = await workshopOf('echo 1 > $AUTORESEARCH_OUT/model');
  await tryBase(contract);
  expect(existsSync(directory.out)).toBe(true);
});

it('keeps no output of a training that failed, unless all are wanted; its log stays', async () => {
  const run = 'echo 1 > $AUTORESEARCH_OUT/model; echo boom; exit 7';
  const best = await workshopOf(run);
  const { trained } = await best.tryBase(best.contract);
  expect(trained.failure).toContain('exited with code 7: boom');
  expect(existsSync(best.directory.out)).toBe(false);
  expect(readFileSync(best.directory.log, 'utf8')).toContain('boom');
  // The same answer for whoever asks again.
  expect(await best.tryBase(best.contract)).toEqual({ trained, scored: null });

  const all = await workshopOf(run, { keepOutputs: 'all' });
  await all.tryBase(all.contract);
  expect(existsSync(all.directory.out)).toBe(true);
});

it('says so when what it scores was written to after the training had ended', async () => {
  const { directory, train, evaluate, key } = await workshopOf('echo 1 > $AUTORESEARCH_OUT/model');
  await train({ ...key, seconds: 1 });
  expect(await evaluate(key)).toEqual({ kind: 'value', value: 1, metrics: { loss: 1 }, tier: 'B' });
  rmSync(directory.found); // as if it had not been scored yet
  const model = join(directory.out, 'model');
  const { atime, mtime } = statSync(model);
  writeFileSync(model, '0\n');
  utimesSync(model, atime, mtime); // a time that anybody can set proves nothing
  expect(await evaluate(key)).toMatchObject({ value: 0, outputChanged: true });
});

it('says nothing of what its own scorer wrote beside the output, when that has to score again', async () => {
  const score = 'date +%N > $AUTORESEARCH_OUT/notes; echo METRIC loss=1\n';
  const { train, evaluate, key } = await workshopOf('true', {}, { 'score.sh': score });
  await train({ ...key, seconds: 1 });
  for (let run = 0; run < 2; run++)
    expect(await evaluate(key)).toEqual({ kind: 'value', value: 1, metrics: { loss: 1 }, tier: 'B' });
});

it('never scores a trial whose output is gone: it says that nobody has it, and the next training is a new one', async () => {
  const { directory, evaluate, tryBase, contract, key } = await workshopOf('date +%s%N > $AUTORESEARCH_OUT/model');
  const before = await tryBase(contract);
  expect(await clear(directory)).toBe(true);
  const refused = await evaluate(key).catch((error: unknown) => error);
  expect(refused).toMatchObject({ type: 'WorkerShutdown', nonRetryable: true });
  const after = await tryBase(contract);
  expect(after.scored).toMatchObject({ kind: 'value' });
  expect(after.trained.startedAt).not.toBe(before.trained.startedAt);
  expect(existsSync(directory.pruned)).toBe(false);
});

it('is not cleared while it is scored', async () => {
  const score =
    'touch $AUTORESEARCH_OUT/seen; until [ -e $AUTORESEARCH_OUT/go ]; do sleep 0.05; done; echo METRIC loss=1\n';
  const { directory, train, evaluate, key } = await workshopOf('true', {}, { 'score.sh': score });
  await train({ ...key, seconds: 1 });
  const scoring = evaluate(key);
  await until(() => existsSync(join(directory.out, 'seen')));
  expect(await clear(directory)).toBe(false);
  writeFileSync(join(directory.out, 'go'), '');
  expect(await scoring).toMatchObject({ kind: 'value', value: 1 });
  expect(await clear(directory)).toBe(true);
});
