// evaluate on real processes: what becomes of a trained output, and whose fault it is where nothing does.
import { ApplicationFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import { writeCandidate } from '../../src/git/candidate.ts';
import { AT, createWorkshop, taskFile, tryTask } from './workshop.ts';

const python = (program: string): string => `python3 -c ${JSON.stringify(program)}`;
const SCORER = 'score: { run: bash score.sh, seconds: 2 }\n';

it('takes the metric from the scorer alone, in a checkout that training did not touch', async () => {
  const run = 'echo METRIC loss=0; echo "echo METRIC loss=0" > score.sh; echo 4.5 > $AUTORESEARCH_OUT/model';
  const { scored } = await tryTask(run, SCORER, { 'score.sh': 'echo METRIC loss=$(cat $AUTORESEARCH_OUT/model)\n' });
  expect(scored).toMatchObject({ kind: 'value', value: 4.5 });
});

it('asks the scorer for what the target is about, whatever else it says of seconds', async () => {
  const workshop = await createWorkshop({
    'autoresearch.yaml': taskFile('sleep 0.3', `${SCORER}target: acc >= 0.9\n`).replace('name: loss', 'name: seconds'),
    'score.sh': 'echo METRIC acc=0.95; echo METRIC seconds=0.001\n',
  });
  const contract = await workshop.open({ session: 'night', input: {}, at: AT });
  const { trained, scored } = await workshop.tryBase(contract);
  expect(scored).toMatchObject({ kind: 'value', value: 0.95 });
  expect(trained.seconds).toBeGreaterThanOrEqual(0.3);
});

it('takes exit 3 of the scorer for the candidate’s failure, with the sentence it says', async () => {
  const { scored } = await tryTask('true', SCORER, { 'score.sh': 'echo "logits are not finite" >&2; exit 3\n' });
  const crash = { class: 'nan', fault: 'idea' };
  expect(scored).toEqual({ kind: 'none', failure: 'logits are not finite', crash });
});

it('runs a scorer that failed once more on the same output, and trains nothing again', async () => {
  const script = 'test -e $AUTORESEARCH_OUT/again || { touch $AUTORESEARCH_OUT/again; exit 1; }\necho METRIC loss=2\n';
  const { scored } = await tryTask('true', SCORER, { 'score.sh': script });
  expect(scored).toMatchObject({ kind: 'value', value: 2 });
});

it.each([
  [
    'fails twice',
    'echo broken >&2; exit 1',
    'asked for the baseline (seed 7), exited with 1 twice: broken. If this machine is at fault, mend it and resume; if the task is, stop this session',
  ],
  ['misses a module', python('import no_such_module'), "'no_such_module'; install it (`python3 -m pip install no_s"],
  ['never ends', 'sleep 60', 'took longer than 2 s twice'],
  ['says no metric', 'echo fine', 'Expected a line with `loss`, got none.'],
  ['says NaN', 'echo METRIC loss=nan', 'Expected `loss` to be a finite number, got nan.'],
])('blocks the session when the scorer of the baseline %s', async (_what, script, sentence) => {
  const error = await tryTask('true', SCORER, { 'score.sh': script }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApplicationFailure);
  expect(error).toMatchObject({ type: 'Blocked', message: expect.stringContaining(sentence) });
});

it.each([
  ['says NaN', 'echo METRIC loss=nan', 'nan', 'Expected `loss` to be a finite number, got nan.'],
  ['prints the metric too', 'echo METRIC loss=1; echo METRIC loss=2', 'unknown', 'Expected `loss` once, got it'],
  ['ends it before it has said a word', 'exit 0', 'unknown', 'Expected a line with `loss`, got none.'],
])('blames a candidate, and blocks nothing, where in its scoring it %s', async (_what, trick, name, sentence) => {
  const script = `test -e $AUTORESEARCH_OUT/tricky && { ${trick}; exit 0; }; echo METRIC loss=2\n`;
  const run = 'test $AUTORESEARCH_SEED = 7 || touch $AUTORESEARCH_OUT/tricky';
  const { contract, scored, tryCommit } = await tryTask(run, SCORER, { 'score.sh': script });
  expect(scored).toMatchObject({ kind: 'value', value: 2 });
  const candidate = await tryCommit({ contract, experiment: 1, trial: 1, commit: contract.base, seed: 8 });
  const crash = { class: name, fault: 'idea' };
  expect(candidate.scored).toEqual({ kind: 'none', failure: expect.stringContaining(sentence), crash });
});

it('blocks where the scorer fails for a candidate, and says for which and how it goes on without it', async () => {
  const script = 'test $AUTORESEARCH_SPLIT || { echo METRIC loss=2; exit 0; }; echo lost >&2; exit 1\n';
  const { contract, evaluate, tryCommit } = await tryTask('true', SCORER, { 'score.sh': script });
  const key = { contract, experiment: 2, trial: 1, commit: contract.base, seed: 8 };
  await tryCommit(key);
  const failed = evaluate({ ...key, split: 'sealed' });
  await expect(failed).rejects.toThrow(
    /asked for experiment 2 \(seed 8\) on sealed data, exited with 1 twice: lost\. .*`npx autoresearch veto <n>`\.$/,
  );
});

it('tells the scorer alone that it scores sealed data, and no code of the candidate', async () => {
  const script = `test "$AUTORESEARCH_SPLIT" = sealed && echo METRIC sealed=1
\${AUTORESEARCH_SANDBOX:-env -u AUTORESEARCH_SPLIT} sh -c 'test -z "$AUTORESEARCH_SPLIT" && echo METRIC blind=1'
echo METRIC loss=2
`;
  const checks = `checks: [{ name: blind, run: 'test -z "$AUTORESEARCH_SPLIT"' }]\n`;
  const { contract, evaluate } = await tryTask('true', SCORER + checks, { 'score.sh': script });
  const key = { contract, experiment: 0, trial: 1, commit: contract.base, seed: 7 };
  const scored = await evaluate({ ...key, split: 'sealed' });
  expect(scored).toEqual({
    kind: 'value',
    value: 2,
    metrics: { sealed: 1, blind: 1, loss: 2 },
    tier: expect.any(String),
  });
});

it('reports a check that fails beside the value', async () => {
  const checks = 'checks: [{ name: tests, run: "echo 2 failed >&2; exit 1" }]\n';
  const { scored } = await tryTask('echo METRIC loss=1', checks);
  expect(scored).toMatchObject({ kind: 'value', value: 1, failedCheck: 'check "tests" failed: 2 failed' });
});

const BOMB = 'for k in $(seq 600); do sleep 90 & done; wait\n';
const BOMBED = 'had more than 512 processes at once and was ended';

it('blames a candidate whose scoring takes too much, at once; of the baseline it blocks', async () => {
  const scorer = `if test -e $AUTORESEARCH_OUT/bomb; then ${BOMB.trim()}; fi; echo METRIC loss=1\n`;
  const run = 'if grep -q 0.7 train.py; then touch $AUTORESEARCH_OUT/bomb; fi';
  const limit = SCORER.replace('2', '90');
  const { contract, clone, tryCommit } = await tryTask(run, limit, { 'score.sh': scorer });
  const made = { clone, base: contract.base, hypothesis: 'more', proposer: 'search', edit: [], at: AT } as const;
  const written = await writeCandidate({ ...made, files: { 'train.py': 'LEARNING_RATE = 0.7\n' } });
  if (written.kind !== 'candidate') throw new Error('Expected a candidate.');
  const key = { contract, experiment: 1, trial: 1, commit: written.commit, seed: 7 };
  expect((await tryCommit(key)).scored).toEqual({
    kind: 'none',
    failure: `scoring ${BOMBED}`,
    crash: { class: 'unknown', fault: 'idea' },
  });
  const error = await tryTask('true', limit, { 'score.sh': BOMB }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ type: 'Blocked', message: expect.stringContaining(`${BOMBED} twice`) });
});

it('a check that takes too much has failed, and says so', async () => {
  const checks = `checks: [{ name: tests, run: ${JSON.stringify(BOMB)} }]\n`;
  const { scored } = await tryTask('echo METRIC loss=1', checks);
  expect(scored).toMatchObject({ value: 1, failedCheck: `check "tests" failed: ${BOMBED}` });
});
