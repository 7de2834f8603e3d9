// train and evaluate on real processes: every way in which a training can go wrong, and what is said of it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { createTrain } from '../../activities/train.ts';
import { prepareStateDirectory, stateDirectory } from '../../src/config.ts';
import { candidateRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { deviceLockPath } from '../../src/trainer/device.ts';
import { probeSandbox } from '../../src/trainer/sandbox-probe.ts';
import { liveTrials } from '../../src/trainer/sweep.ts';
import { newFolder } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile, tryTask } from './workshop.ts';

const python = (program: string): string => `python3 -c ${JSON.stringify(program)}`;

it('reads the metric that training printed, and says tier B beside it', async () => {
  const { trained, scored } = await tryTask('printf "step 1\\rstep 2\\rMETRIC loss=1.5\\nMETRIC steps=2\\n"');
  expect(trained).toMatchObject({ hostId: 'host', device: 'cpu' });
  expect(scored).toEqual({ kind: 'value', value: 1.5, metrics: { loss: 1.5, steps: 2 }, tier: 'B' });
});

it.each([
  ['no metric', 'echo hello', 'Expected a line with `loss`, got none in the output of `echo hello`.'],
  [
    'another metric than the task has',
    'echo METRIC bpb=1; echo METRIC steps=3; echo step 7',
    'Expected a line with `loss`, got none; there are lines with `bpb`, `steps` in the output of `echo METRIC bpb=1;',
  ],
  ['nothing at all', 'true', 'Expected a line with `loss`, got none in the output of `true`.'],
  [
    'NaN',
    'echo METRIC loss=nan',
    'Expected `loss` to be a finite number, got nan in the output of `echo METRIC loss=nan`.',
  ],
  ['inf', 'echo loss: inf', 'Expected `loss` to be a finite number, got inf in the output of `echo loss: inf`.'],
  [
    'two values',
    'echo METRIC loss=1; echo METRIC loss=2',
    'Expected `loss` once, got it with different values: 1, 2 in the output of',
  ],
])('calls a training that prints %s a candidate without a value', async (_what, run, sentence) => {
  const { scored } = await tryTask(run);
  expect(scored).toMatchObject({ kind: 'none', failure: expect.stringContaining(sentence) });
});

it('takes a scorer without a number for NaN when the last loss was none', async () => {
  const { scored } = await tryTask('echo step 1 loss: nan');
  expect(scored).toMatchObject({ kind: 'none', crash: { class: 'nan', fault: 'idea' } });
});

it('reads the metric at the end of 100 MB of output, and keeps a bounded log', async () => {
  const { scored } = await tryTask(
    'yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 100000000; echo; echo METRIC loss=3',
  );
  expect(scored).toMatchObject({ kind: 'value', value: 3 });
});

it('says how to bring a module that the baseline misses; a candidate that wants one has had a bad idea', async () => {
  const { trained, contract, tryCommit } = await tryTask(python('import no_such_module'));
  const said = "exited with code 1: ModuleNotFoundError: No module named 'no_such_module'";
  expect(trained.failure).toMatch(`${said}; install it (\`python3 -m pip install no_such_module\`, `);
  const candidate = await tryCommit({ contract, experiment: 1, trial: 1, commit: contract.base, seed: 7 });
  expect(candidate.trained.failure).toBe(said);
});

it.each([
  ['crashes', 'echo "ValueError: boom" >&2; exit 7', 'exited with code 7: ValueError: boom'],
  ['is killed', 'kill -9 $$', 'was ended by SIGKILL'],
])('says why there is nothing to score when training %s', async (_what, run, sentence) => {
  const { trained } = await tryTask(run);
  expect(trained.failure).toContain(sentence);
});

it('ends a training that runs on, says so, and calls it the idea’s fault', async () => {
  const task = taskFile('sleep 60').replace('startupSeconds: 20', 'startupSeconds: 2');
  const { open, tryBase } = await createWorkshop({ 'autoresearch.yaml': task });
  const { trained } = await tryBase(await open({ session: 'night', input: {}, at: AT }));
  expect(trained.failure).toContain('ran longer than its 1 s and 2 s of start-up, and was ended');
  expect(trained.crash).toEqual({ class: 'timeout', fault: 'idea' });
});

const sandbox = probeSandbox().sandbox;
// In a sandbox nobody else is there to do it; outside of one a candidate's own signal looks like anybody's.
const killedHere = sandbox === 'none' ? (['killed-by-machine', 'machine'] as const) : (['unknown', 'idea'] as const);

it.each([
  ['imports what is not there', python('import no_such_module'), 'import', 'idea'],
  ['wants more memory than there is', python('bytearray(1 << 62)'), 'oom', 'idea'],
  ['opens what is not there', python("open('train.bin')"), 'data', 'idea'],
  ['fails an assertion', python('assert 1 == 2'), 'assertion', 'idea'],
  ['is not Python', python('def def'), 'compile', 'idea'],
  ['prints NaN and gives up', `echo 'step 3 | loss: nan'; exit 1`, 'nan', 'idea'],
  ['is killed', 'kill -9 $$', ...killedHere],
  ['is killed behind a shell', `bash -c 'kill -9 $$'; exit $?`, ...killedHere],
  ['says that the machine did it', 'echo killed by the machine; exit 1', 'unknown', 'idea'],
])('classifies a training that %s', async (_what, run, name, fault) => {
  expect((await tryTask(run)).trained.crash).toEqual({ class: name, fault });
});

it('tells what a training took and what the machine was like, whether it ended well or not', async () => {
  const { trained } = await tryTask('sleep 61 & echo step 7; sleep 0.3; echo METRIC loss=1');
  expect(trained.facts).toEqual({
    steps: 7,
    // A sandbox's processes end with the first of them: there is nothing left to be killed.
    leftovers: sandbox === 'none' ? 1 : 0,
    peakMemoryMb: expect.any(Number),
    environment: {
      loadBefore: expect.any(Number),
      loadAfter: expect.any(Number),
      libraries: expect.objectContaining({ python: expect.stringMatching(/^3\./) }),
    },
  });
  expect((await tryTask('echo step 2; exit 1')).trained.facts).toMatchObject({ steps: 2, leftovers: 0 });
});

it('refuses a trial of a session that is measured on another class of device, or on other data, before anything runs', async () => {
  const { contract, trained, train, state } = await tryTask('echo METRIC loss=1');
  const { deviceClass, dataHash, hostId, device } = trained;
  const order = { contract, experiment: 0, trial: 2, commit: contract.base, seed: 7, seconds: 1 };
  const elsewhere = { deviceClass: 'another', dataHash, hostId, device };
  expect(await train({ ...order, measuredOn: elsewhere }).catch((error: unknown) => error)).toMatchObject({
    type: 'OtherClass',
    nonRetryable: true,
    details: [{ hostId: 'host', device: 'cpu', deviceClass: 'test' }],
  });
  const other = { deviceClass, dataHash: 'other', hostId, device };
  expect(await train({ ...order, measuredOn: other }).catch((error: unknown) => error)).toMatchObject({
    type: 'Blocked',
    message: expect.stringMatching(/^Expected host host \(cpu\) to have the data .*, other, got [0-9a-f]{12}, /),
  });
  expect(await readdir(join(state.trials, 'night', '0'))).toEqual(['1']);
  expect(await train({ ...order, measuredOn: { deviceClass, dataHash, hostId, device } })).toMatchObject({ dataHash });
});

it('ends what a training leaves behind, also in a process session of its own and ignoring TERM', async () => {
  const { state, scored } = await tryTask(
    `setsid bash -c 'trap "" TERM; sleep 300' & sleep 300 & sleep 0.2; echo METRIC loss=1`,
  );
  expect(scored).toMatchObject({ kind: 'value', value: 1 });
  expect(liveTrials(state.trials)).toEqual([]);
});

// Nothing less keeps a training out of other folders: skipped, by name, where there is no bubblewrap; CI installs it.
it.skipIf(sandbox !== 'bubblewrap')('lets a training write in its own folders alone (needs bubblewrap)', async () => {
  const folder = await newFolder();
  const inside = 'touch mine $AUTORESEARCH_OUT/mine $HOME/mine $TMPDIR/mine && echo METRIC inside=1';
  const outside = `touch ${folder}/theirs || echo METRIC refused=1; touch $AUTORESEARCH_OUT/../exit.json || echo METRIC sealed=1`;
  const { scored } = await tryTask(`${inside}; ${outside}; echo METRIC loss=1`);
  expect(scored).toMatchObject({ metrics: { inside: 1, refused: 1, sealed: 1 } });
  expect(await readdir(folder)).toEqual([]);
});

it('shows no key of the worker to a training, and seed and budget as promised', async () => {
  process.env['ANTHROPIC_API_KEY'] = 'sk-secret';
  process.env['MY_TOKEN'] = 'secret';
  try {
    const { scored } = await tryTask(
      'env | grep -ci secret; echo METRIC seed=$AUTORESEARCH_SEED; echo METRIC seconds=$AUTORESEARCH_SECONDS; echo METRIC loss=$(env | grep -ci secret)',
    );
    expect(scored).toMatchObject({ value: 0, metrics: { seed: 7, seconds: 1 } });
  } finally {
    delete process.env['ANTHROPIC_API_KEY'];
    delete process.env['MY_TOKEN'];
  }
});

it('tells the loss of its own that the task says training prints', async () => {
  const metric = 'echo train_loss: 1.9; echo train_loss: 1.9; echo METRIC loss=2';
  const named = await createWorkshop({
    'autoresearch.yaml': taskFile(metric).replace('name: loss', 'name: loss, training: train_loss'),
  });
  const contract = await named.open({ session: 'night', input: {}, at: AT });
  expect((await named.tryBase(contract)).trained.facts?.trainingLoss).toBe(1.9);
  expect((await tryTask(metric)).trained.facts?.trainingLoss).toBeUndefined();
});

it('harvests a trial that has ended instead of training it again', async () => {
  const { tryBase, contract, scored } = await tryTask('echo METRIC loss=$(date +%s%N)');
  expect((await tryBase(contract)).scored).toEqual(scored);
});

/** Another state directory's device on the same workshop's origin. */
const deviceElsewhere = async (workshop: Awaited<ReturnType<typeof createWorkshop>>) => {
  const state = prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: join(await newFolder(), 'elsewhere') }));
  const deps = { ...workshop.device, state, hostId: 'elsewhere', deviceLock: deviceLockPath(state.root, 'cpu') };
  const train = createTrain(deps);
  return (input: Parameters<typeof train>[0]) => new MockActivityEnvironment().run(train, input);
};

it('waits, on a host that cannot read the home clone, for a candidate that is on its way to the origin', async () => {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('echo METRIC loss=1') });
  const { repo, clone, open, propose } = workshop;
  const contract = await open({ session: 'night', input: {}, at: AT });
  const { base } = contract;
  const proposed = await propose({ contract, experiment: 1, base, proposer: 'search', rebase: false, at: AT });
  if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
  const key = { contract, experiment: 1, trial: 1, commit: proposed.candidate, seed: 7, seconds: 1 };
  const train = await deviceElsewhere(workshop);
  await expect(train({ ...key, contract: { ...contract, push: 'kept' } })).rejects.toMatchObject({ type: 'Blocked' });
  const training = train(key);
  await sleep(1000);
  const ref = candidateRef(contract.tag, 1);
  await git(clone, ['push', '--quiet', repo, `${ref}:${ref}`]);
  expect(await training).toMatchObject({ hostId: 'elsewhere' });
});
