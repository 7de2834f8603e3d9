// Scoring beside the baseline, on real processes: what is built, what is run in which order, and whose fault is what.
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { trialDirectory } from '../../src/trainer/trial-directory.ts';
import { newFolder } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const BLOCKS = 2;
const [BASELINE, CANDIDATE] = [0.1, 0.2];
/** Builds what the code says, told what every training is told. */
const BUILD = 'test -n "$AUTORESEARCH_TRIAL" && cp train.py $AUTORESEARCH_OUT/built';

/** The scorer's own folder knows how often it ran: each run is slower than the one before by a tenth of the first. */
const scorer = (folder: string): string => `
rate=$(sed -n 's/^LEARNING_RATE = //p' $AUTORESEARCH_OUT/built)
echo "$rate" >> ${folder}/runs
python3 -c "print('METRIC loss=%r' % ($rate * (1 + $(wc -l < ${folder}/runs) / 10)))"
echo METRIC rate=$rate
`;

async function paired(build: string, score: (folder: string) => string) {
  const folder = await newFolder();
  const workshop = await createWorkshop({
    'autoresearch.yaml': taskFile(build, `score: { run: bash score.sh, seconds: 20, paired: ${BLOCKS} }\n`),
    'score.sh': score(folder),
  });
  const contract = await workshop.open({ session: 'night', input: {}, at: AT });
  const edit = [{ op: 'set', file: 'train.py', name: 'LEARNING_RATE', value: String(CANDIDATE) }] as const;
  const patch = { id: 'p', edit: [...edit], hypothesis: 'a higher rate' };
  const asked = { contract, experiment: 1, base: contract.base, proposer: 'search', rebase: false, at: AT } as const;
  const proposed = await workshop.propose({ ...asked, patch });
  if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
  const key = { contract, experiment: 1, trial: 1, commit: proposed.candidate, seed: 7 };
  const runs = () => readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n').map(Number);
  return { ...workshop, runs, tryIt: () => workshop.tryCommit(key) };
}

it('builds the baseline too and runs the scorer on both in turn, so that a machine that gets slower is slower for both', async () => {
  const { tryIt, runs, state } = await paired(BUILD, scorer);
  const { scored } = await tryIt();
  const block = [BASELINE, CANDIDATE, CANDIDATE, BASELINE];
  expect(runs()).toEqual(Array.from({ length: BLOCKS }, () => block).flat());
  if (scored?.kind !== 'value') throw new Error('no value');
  expect(scored.value).toBeCloseTo(Math.log(2), 1);
  const { loss = 0, baseline_loss = 0 } = scored.metrics;
  expect(Math.log(loss / baseline_loss)).toBeCloseTo(scored.value, 12);
  expect(scored.metrics).toMatchObject({ rate: CANDIDATE });
  const { root } = trialDirectory(state.trials, { session: 'night', experiment: 1, trial: 1 });
  expect(await readdir(root)).not.toContain('baseline');
});

it('scores once more from the beginning where it is asked again', async () => {
  const { tryIt, runs } = await paired(BUILD, scorer);
  await tryIt();
  await tryIt();
  expect(runs()).toHaveLength(2 * 4 * BLOCKS);
});

/** A scorer that fails for one of the two. */
const only = (who: string) => () =>
  `grep -q '^LEARNING_RATE = 0.1$' $AUTORESEARCH_OUT/built && who=baseline || who=candidate\n` +
  `[ $who = ${who} ] && { echo "it fell over" >&2; exit 3; }\necho METRIC loss=1\n`;

it('takes a candidate without a number for what it is, and blocks where the baseline has none', async () => {
  expect((await (await paired(BUILD, only('candidate'))).tryIt()).scored).toMatchObject({
    kind: 'none',
    failure: 'it fell over',
  });
  const atFault = (await paired(BUILD, only('baseline'))).tryIt();
  await expect(atFault).rejects.toMatchObject({
    type: 'Blocked',
    message: expect.stringMatching(/^The baseline beside this trial gave no value: it fell over\. If this machine/),
  });
});

it('has no ratio of what is not above 0, and blocks where the baseline does not build', async () => {
  const { tryIt } = await paired(
    BUILD,
    () => `grep -q '^LEARNING_RATE = 0.1$' $AUTORESEARCH_OUT/built && echo METRIC loss=1 || echo METRIC loss=0\n`,
  );
  expect((await tryIt()).scored).toMatchObject({ kind: 'none', failure: 'Expected `loss` to be above 0, got 0.' });
  const broken = `grep -q '^LEARNING_RATE = 0.1$' train.py && { echo no compiler >&2; exit 4; }; ${BUILD}`;
  await expect((await paired(broken, scorer)).tryIt()).rejects.toMatchObject({
    type: 'Blocked',
    message: expect.stringMatching(/^The baseline's training beside this trial exited with 4: no compiler\. /),
  });
});
