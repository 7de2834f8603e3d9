// Without a sandbox: a candidate that rewrites the data of all trials is found out at once, whichever of its code did it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, afterAll, expect, it } from 'vitest';
import { writeCandidate } from '../../src/git/candidate.ts';
import { sandboxHere } from '../../src/trainer/sandbox-probe.ts';
import { newFolder } from '../git/sandbox.ts';
import { standIn } from '../support/commands.ts';
import { AT, tryTask } from './workshop.ts';

const PREPARE = 'prepare: { run: "echo 4 > $AUTORESEARCH_DATA/text" }\n';
const SCORER = 'score: { run: bash score.sh, seconds: 10 }\n';
/** Changes nothing that a look at sizes would tell. */
const REWRITE = 'chmod -R u+w $AUTORESEARCH_DATA; echo 9 > $AUTORESEARCH_DATA/text';

let restore: () => void = () => {};
beforeAll(async () => {
  const bin = await newFolder();
  const [one, other] = ['bwrap', 'unshare'].map((name) => standIn(bin, name, 'exit 1'));
  restore = () => {
    other?.restore();
    one?.restore();
  };
});
afterAll(() => restore());

/** A task whose code is `train.py`, a shell script; and a candidate that rewrites the data where it is started as `place`. */
async function workshopOf(place: 'train' | 'answer') {
  const run = 'STAGE=train bash train.py; cp $AUTORESEARCH_DATA/text $AUTORESEARCH_OUT/model';
  const score = 'STAGE=answer bash train.py; echo METRIC loss=$(cat $AUTORESEARCH_OUT/model)\n';
  const workshop = await tryTask(run, `${PREPARE}${SCORER}`, { 'score.sh': score, 'train.py': 'true\n' });
  expect(workshop.scored).toMatchObject({ value: 4, tier: 'B' });
  const { contract, clone } = workshop;
  const files = { 'train.py': `if [ $STAGE = ${place} ]; then ${REWRITE}; fi\n` };
  const made = { clone, base: contract.base, hypothesis: 'cheat', proposer: 'search', edit: [], at: AT } as const;
  const written = await writeCandidate({ ...made, files });
  if (written.kind !== 'candidate') throw new Error('Expected a candidate.');
  return { ...workshop, key: { contract, experiment: 1, trial: 1, commit: written.commit, seed: 7 } };
}

const textIn = (envs: string): string => {
  const [environment = ''] = readdirSync(envs).filter((name) => !name.includes('.'));
  return readFileSync(join(envs, environment, 'data/text'), 'utf8');
};
const changed = (trial: string) => ({
  type: 'Blocked',
  message: expect.stringMatching(`^Expected the data in .* but it was changed while ${trial} ran without bubblewrap`),
});
const spoiled = 'the data that all trials share was changed while it ran';

it('runs where there is no sandbox', () => {
  expect(sandboxHere().sandbox).toBe('none');
});

it('blocks after a training that changed the data; asked again that trial has no value, and others have whole data', async () => {
  const { tryCommit, tryBase, key, contract, state } = await workshopOf('train');
  await expect(tryCommit(key)).rejects.toMatchObject(changed('night/1/1'));
  expect(textIn(state.envs)).toBe('9\n');
  const { trained, scored } = await tryCommit(key);
  expect([trained.failure, scored]).toEqual([spoiled, null]);
  expect(textIn(state.envs)).toBe('4\n');
  expect((await tryBase(contract, 2)).scored).toMatchObject({ value: 4 });
});

it('blocks after a scoring that changed the data, in the same way', async () => {
  const { train, evaluate, tryBase, key, contract } = await workshopOf('answer');
  await train({ ...key, seconds: 1 });
  await expect(evaluate({ ...key, sandbox: 'none' })).rejects.toMatchObject(changed('night/1/1'));
  expect(await evaluate({ ...key, sandbox: 'none' })).toMatchObject({ kind: 'none', failure: spoiled });
  expect((await tryBase(contract, 2)).scored).toMatchObject({ value: 4 });
});
