// train and evaluate with the sandbox of this machine: which tier a number gets, what candidate code cannot do in each of
// its three places, and how one that takes too much is told.
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCandidate } from '../../src/git/candidate.ts';
import { probeSandbox } from '../../src/trainer/sandbox-probe.ts';
import { trialDirectory } from '../../src/trainer/trial-directory.ts';
import { newFolder } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const SCORER = 'score: { run: bash score.sh, seconds: 10 }\n';
const PREPARE =
  'prepare: { run: "mkdir $AUTORESEARCH_DATA/holdout; echo 3 > $AUTORESEARCH_DATA/holdout/answer; echo 4 > $AUTORESEARCH_DATA/seen; echo 3 > $HOME/raw" }\nhidden: [holdout]\n';
/** A scorer that asks the candidate's `answer.sh` through the launcher. */
const ASK = 'echo METRIC loss=$("$AUTORESEARCH_SANDBOX" bash answer.sh)\n';

const tried = async (run: string, more = '', files: Record<string, string> = {}) => {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile(run, more), ...files });
  const contract = await workshop.open({ session: 'night', input: {}, at: AT });
  const directory = trialDirectory(workshop.state.trials, { session: 'night', experiment: 0, trial: 1 });
  return { ...workshop, contract, directory, ...(await workshop.tryBase(contract)) };
};

it('gives tier B to a scorer that runs the candidate beside itself', async () => {
  const { scored } = await tried('echo 1 > $AUTORESEARCH_OUT/model', SCORER, {
    'score.sh': 'echo METRIC loss=$(cat $AUTORESEARCH_OUT/model)\n',
  });
  expect(scored).toMatchObject({ value: 1, tier: 'B' });
});

const tooMuch = 'wrote more than 50 MB and was ended; `train.outputGb` allows more';
it.each([
  ['has too many processes', 'for k in $(seq 600); do sleep 90 & done; wait', 'had more than 512 processes at once'],
  ['writes too much', 'for k in 1 2 3; do head -c 20000000 /dev/zero > $AUTORESEARCH_OUT/$k; done; sleep 90', tooMuch],
])('says so when a training %s', async (_what, run, failure) => {
  expect(await failureOf(run)).toContain(failure);
});

// Skipped, by name, where there is no bubblewrap to test: CI installs it.
describe.skipIf(probeSandbox().sandbox !== 'bubblewrap')('in bubblewrap (needs it)', () => {
  it('gives tier A to a scorer that runs the candidate in the sandbox', async () => {
    const { trained, scored, directory } = await tried('echo 1.5 > $AUTORESEARCH_OUT/model', SCORER, {
      'score.sh': ASK,
      'answer.sh': 'cat $AUTORESEARCH_OUT/model',
    });
    expect(trained).toMatchObject({ sandbox: 'bubblewrap' });
    expect(scored).toEqual({ kind: 'value', value: 1.5, metrics: { loss: 1.5 }, tier: 'A' });
    expect(readdirSync(directory.root)).not.toContain('launcher');
  });

  it('gives tier B where training ran in less than the sandbox', async () => {
    const { contract, evaluate } = await tried('true', SCORER, { 'score.sh': ASK, 'answer.sh': 'echo 1' });
    const key = { contract, experiment: 0, trial: 1, commit: contract.base, seed: 7 };
    expect(await evaluate({ ...key, sandbox: 'bubblewrap' })).toMatchObject({ tier: 'A' });
    expect(await evaluate({ ...key, sandbox: 'unshare' })).toMatchObject({ tier: 'B' });
    expect(await evaluate(key)).toMatchObject({ tier: 'B' }); // trained by a device worker of an older version
  });

  it('gives tier B to a scorer with sealed data in a task that hides nothing from training', async () => {
    const sealed = SCORER.replace('seconds', 'sealed: true, seconds');
    const files = { 'score.sh': ASK, 'answer.sh': 'echo 1' };
    expect((await tried('true', sealed, files)).scored).toMatchObject({ value: 1, tier: 'B' });
    expect((await tried('true', `${sealed}${PREPARE}`, files)).scored).toMatchObject({ value: 1, tier: 'A' });
  });

  it('hides from training what the task hides and what `prepare` kept for itself, and nothing else of the data', async () => {
    const { scored } = await tried(
      'echo METRIC loss=$(cat $AUTORESEARCH_DATA/seen); cat $AUTORESEARCH_DATA/holdout/answer || echo METRIC hidden=1; cat $AUTORESEARCH_DATA/../home/raw || echo METRIC home=1',
      PREPARE,
    );
    expect(scored).toMatchObject({ value: 4, metrics: { hidden: 1, home: 1 } });
  });

  it('an answer is given without data, network, keys or a place to write', async () => {
    const answer = `state=\${0%/trials/*}
  for path in "$state/keys/probe" "$state"/envs/*/data/* /root/.ssh "$HOME/.ssh"; do if [ -e "$path" ]; then echo "sees $path" >&2; exit 9; fi; done
  if [ "$(ls /proc | grep -c '^[0-9]')" -gt 6 ]; then exit 10; fi
  for folder in . "$AUTORESEARCH_OUT" "$AUTORESEARCH_OUT/.." /usr; do if touch "$folder/note" 2> /dev/null; then exit 11; fi; done
  if (: > "/dev/tcp/127.0.0.1/$PORT") 2> /dev/null; then exit 12; fi
  echo 2`;
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const key = '"$(dirname "$AUTORESEARCH_OUT")/../../../../keys/probe"';
    const { scored } = await tried('true', `${SCORER}${PREPARE}`, {
      'score.sh': `touch ${key} && echo METRIC loss=$("$AUTORESEARCH_SANDBOX" bash "$PWD/answer.sh" || echo 1000$?)\n`,
      'answer.sh': answer.replace('$PORT', String(port)),
    });
    server.close();
    expect(scored).toMatchObject({ kind: 'value', value: 2, tier: 'A' });
  });

  it('an answer may not write a file that is too large, nor fill the machine’s memory with files', async () => {
    const answer = `head -c 60000000 /dev/zero > /tmp/x
  echo $?
  for k in 1 2 3 4 5 6 7; do head -c 40000000 /dev/zero > /dev/shm/$k || echo full; done
  if ! touch /dev/x; then echo closed; fi`;
    const task = taskFile('true', SCORER).replace('seconds: 1\n', 'seconds: 1\n  outputGb: 0.05\n');
    const script = 'echo METRIC loss=1; "$AUTORESEARCH_SANDBOX" bash answer.sh > $AUTORESEARCH_OUT/said 2> /dev/null\n';
    const files = { 'autoresearch.yaml': task, 'score.sh': script, 'answer.sh': answer };
    const workshop = await createWorkshop(files);
    await workshop.tryBase(await workshop.open({ session: 'night', input: {}, at: AT }));
    const { out } = trialDirectory(workshop.state.trials, { session: 'night', experiment: 0, trial: 1 });
    const tooLarge = 128 + constants.signals.SIGXFSZ;
    expect((await readFile(join(out, 'said'), 'utf8')).split('\n')).toEqual([`${tooLarge}`, 'full', 'closed', '']);
  });

  it('runs the task’s checks where training ran, its output safe from them', async () => {
    const run =
      'cat $AUTORESEARCH_DATA/holdout/answer || touch $AUTORESEARCH_OUT/mine || touch mine && test -e mine && test "$(cat $AUTORESEARCH_DATA/seen)" = 4';
    const checks = `checks: [{ name: tests, run: ${JSON.stringify(run)} }]\n`;
    const { scored, directory } = await tried('echo METRIC loss=1', `${PREPARE}${checks}`);
    expect(scored).toEqual({ kind: 'value', value: 1, metrics: { loss: 1 }, tier: 'B' });
    expect(readdirSync(directory.out)).toEqual([]);
  });

  it.each([
    ['a shell', 'exec head -c 60000000 /dev/zero > $AUTORESEARCH_OUT/x'],
    [
      'Python',
      `exec python3 -c 'import os; open(os.environ["AUTORESEARCH_OUT"] + "/x", "wb").write(bytes(60_000_000))'`,
    ],
  ])('%s may not write a single file that is too large', async (_what, run) => {
    expect(await failureOf(run)).toBe(tooMuch);
  });

  it('shows to training what the person lets it read, but not while it answers', async () => {
    const corpus = await newFolder();
    await writeFile(join(corpus, 'text'), '5');
    process.env['AUTORESEARCH_READABLE'] = corpus;
    try {
      const { scored } = await tried(`cp ${corpus}/text $AUTORESEARCH_OUT/model`, SCORER, {
        'score.sh': ASK,
        'answer.sh': `cat $AUTORESEARCH_OUT/model; if [ -e ${corpus} ]; then echo 0; fi`,
      });
      expect(scored).toMatchObject({ value: 5, tier: 'A' });
    } finally {
      delete process.env['AUTORESEARCH_READABLE'];
    }
  });

  it.each([
    ['the network', 'import urllib.request; urllib.request.urlopen("http://example.org")'],
    ['a file elsewhere on the machine', 'open("/data/tokens.bin")'],
  ])('points to what the sandbox shows when training looks for %s', async (_what, program) => {
    expect(await failureOf(`python3 -c '${program}'`)).toContain('(the sandbox has no network and few files: see');
  });
});

async function failureOf(run: string): Promise<string | undefined> {
  const task = taskFile(run).replace('startupSeconds: 20', 'startupSeconds: 50\n  outputGb: 0.05');
  const workshop = await createWorkshop({ 'autoresearch.yaml': task });
  const contract = await workshop.open({ session: 'night', input: {}, at: AT });
  return (await workshop.tryBase(contract)).trained.failure;
}

it('refuses a commit that differs from the base in a file that is not editable, before it takes any time', async () => {
  const { contract, clone, tryCommit, evaluate, state } = await tried('echo METRIC loss=1', SCORER, {
    'score.sh': 'echo METRIC loss=1\n',
  });
  const files = { 'train.py': 'LEARNING_RATE = 1\n', 'score.sh': 'echo METRIC loss=0\n', 'conftest.py': '' };
  const made = { clone, base: contract.base, hypothesis: 'better', proposer: 'search', edit: [], at: AT } as const;
  const written = await writeCandidate({ ...made, files });
  if (written.kind !== 'candidate') throw new Error('Expected a candidate.');
  const key = { contract, experiment: 1, trial: 1, commit: written.commit, seed: 7 };
  const failure = 'changes files that are not editable: score.sh, conftest.py';
  const crash = { class: 'preflight', fault: 'idea' };
  expect(await tryCommit(key)).toMatchObject({ trained: { failure, seconds: 0, crash }, scored: null });
  expect(existsSync(join(state.trials, 'night/1/1'))).toBe(false);
  await tryCommit({ ...key, commit: contract.base }); // as if something had been trained under that number
  expect(await evaluate(key)).toEqual({ kind: 'none', failure, crash });
});
