import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify, isAlive } from '../../src/trainer/process-identity.ts';
import { forgetIfOther } from '../../src/trainer/prune.ts';
import { supervisorProgram } from '../../src/trainer/supervisor-program.ts';
import { Detached, SupervisorFailed, TrialMismatch } from '../../src/trainer/watch.ts';
import { eventually, livePids, makeTrial, runningNote, testFolder } from './support.ts';

test('trains in the tree that it prepared and says how it ended', async () => {
  const trial = makeTrial('cat candidate.txt; echo result > "$AUTORESEARCH_OUT/weights"; exit 3');
  const exit = await trial.watch({
    prepareTree: () => Promise.resolve(writeFileSync(join(trial.directory.tree, 'candidate.txt'), 'hello\n')),
  });
  expect(exit).toMatchObject({ trial: trial.spec.id, reason: 'exited', code: 3, signal: null, leftovers: 0 });
  expect(readFileSync(trial.directory.log, 'utf8')).toBe('hello\n');
  expect(readFileSync(join(trial.directory.out, 'weights'), 'utf8')).toBe('result\n');
});

test('harvests a training that has ended, without training again', async () => {
  const trial = makeTrial('date +%N');
  const first = await trial.watch();
  const log = readFileSync(trial.directory.log, 'utf8');
  expect(await trial.watch()).toEqual(first);
  expect(readFileSync(trial.directory.log, 'utf8')).toBe(log);
  expect(trial.prepared()).toBe(1);
});

test('adopts a training that the last worker detached from', async () => {
  const trial = makeTrial('until [ -e "$AUTORESEARCH_OUT/go" ]; do sleep 0.05; done');
  const worker = new AbortController();
  const first = trial.watch({ signal: worker.signal });
  const { child } = await runningNote(trial.directory);
  worker.abort('detach');
  await expect(first).rejects.toThrow(Detached);
  expect(isAlive(child)).toBe(true);
  const second = trial.watch();
  writeFileSync(join(trial.directory.out, 'go'), '');
  expect(await second).toMatchObject({ reason: 'exited', code: 0 });
  expect(trial.prepared()).toBe(1);
});

test('two watchers at once make one training', async () => {
  const trial = makeTrial('echo start; sleep 0.3');
  const exits = await Promise.all([trial.watch(), trial.watch()]);
  expect(exits[0]).toEqual(exits[1]);
  expect(trial.prepared()).toBe(1);
  expect(readFileSync(trial.directory.log, 'utf8')).toBe('start\n');
});

test('a supervisor that takes long to load is started once, whoever looks meanwhile', async () => {
  const cache = join(testFolder, 'slow');
  const program = await supervisorProgram(cache);
  renameSync(program, join(cache, 'real.mjs'));
  writeFileSync(program, "await new Promise((done) => setTimeout(done, 1500));\nawait import('./real.mjs');\n");
  const trial = makeTrial('echo start');
  await Promise.all([1, 2, 3].map(() => trial.watch({ supervisorCache: cache })));
  expect(trial.prepared()).toBe(1);
});

test('trains again when the supervisor was killed, after killing its command', async () => {
  const trial = makeTrial('if [ -e "$HOME/../second" ]; then exit 0; fi; exec sleep 60');
  const livingAtPreparation: number[] = [];
  const prepareTree = (): Promise<void> => {
    livingAtPreparation.push(livePids(trial.directory).length);
    return Promise.resolve();
  };
  const watching = trial.watch({ prepareTree });
  const { supervisor, child } = await runningNote(trial.directory);
  writeFileSync(join(trial.directory.root, 'second'), '');
  process.kill(supervisor.pid, 'SIGKILL');
  expect(await watching).toMatchObject({ reason: 'exited', code: 0 });
  expect(isAlive(child)).toBe(false);
  expect(livingAtPreparation).toEqual([0, 0]);
});

test('trains again when supervisor and command are of another boot, and kills nobody who has their pids now', async () => {
  const trial = makeTrial('true');
  const self = identify(process.pid);
  await trial.watch({ signal: AbortSignal.abort('detach') }).catch(() => undefined);
  const other = { ...self, bootId: 'another boot' };
  const recycled = { ...self, startTime: '1' };
  mkdirSync(trial.directory.root, { recursive: true });
  writeFileSync(trial.directory.pid, JSON.stringify({ trial: trial.spec.id, supervisor: other, child: recycled }));
  expect(await trial.watch()).toMatchObject({ reason: 'exited', code: 0 });
  expect(trial.prepared()).toBe(1);
});

test.each([
  ['pid.json', '{"trial": "te'],
  ['spec.json', '{"id": "test/99'],
  ['exit.json', '{"trial": "test/99'],
  ['exit.json', JSON.stringify({ trial: 'somebody/1/1', reason: 'exited' })],
])('moves a broken %s aside, says so and trains', async (name, content) => {
  const trial = makeTrial('true');
  mkdirSync(trial.directory.root, { recursive: true });
  writeFileSync(join(trial.directory.root, name), content);
  const said: string[] = [];
  expect(await trial.watch({ say: (text) => said.push(text) })).toMatchObject({ reason: 'exited', code: 0 });
  expect(readFileSync(join(trial.directory.root, `${name}.bad-1`), 'utf8')).toBe(content);
  expect(said.join()).toContain(`${name}.bad-1`);
});

test('moves an order of another trial aside, says so and trains', async () => {
  const trial = makeTrial('true');
  const foreign = { ...trial.spec, id: 'somebody/1/1', commit: 'of theirs' };
  mkdirSync(trial.directory.root, { recursive: true });
  writeFileSync(trial.directory.spec, JSON.stringify(foreign));
  await forgetIfOther(trial.directory, { trial: trial.spec.id, commit: 'of ours' }, new AbortController().signal);
  const said: string[] = [];
  expect(await trial.watch({ say: (text) => said.push(text) })).toMatchObject({ reason: 'exited', code: 0 });
  expect(JSON.parse(readFileSync(`${trial.directory.spec}.bad-1`, 'utf8'))).toEqual(foreign);
  expect(said.join()).toMatch(/Expected .*spec\.json to be of trial .*, got one of trial somebody\/1\/1; moved to/);
});

test('kills the training, and all of it, when asked to', async () => {
  const trial = makeTrial('setsid sleep 60 & echo on; sleep 60');
  const stop = new AbortController();
  const watching = trial.watch({ signal: stop.signal });
  await runningNote(trial.directory);
  await eventually(() => livePids(trial.directory).length >= 2);
  stop.abort('kill');
  expect(await watching).toMatchObject({ reason: 'stopped' });
  expect(livePids(trial.directory)).toEqual([]);
});

test('kills the training when asked to, though its order is broken, and says so', async () => {
  const trial = makeTrial('sleep 60');
  const stop = new AbortController();
  const said: string[] = [];
  const watching = trial.watch({ signal: stop.signal, say: (text) => said.push(text) });
  const { supervisor } = await runningNote(trial.directory);
  writeFileSync(trial.directory.spec, '{"id": "test/');
  stop.abort('kill');
  expect(await watching).toMatchObject({ reason: 'stopped' });
  expect([isAlive(supervisor), livePids(trial.directory)]).toEqual([false, []]);
  expect(said.join()).toContain('spec.json.bad-1');
});

test('trains again when a stopped trial is asked for again', async () => {
  const trial = makeTrial('if [ -e "$HOME/../second" ]; then exit 0; fi; exec sleep 60');
  const stop = new AbortController();
  const watching = trial.watch({ signal: stop.signal });
  await runningNote(trial.directory);
  stop.abort('kill');
  await watching;
  writeFileSync(join(trial.directory.root, 'second'), '');
  expect(await trial.watch()).toMatchObject({ reason: 'exited', code: 0 });
});

test('refuses a trial that was ordered otherwise, but not one from a shell with another PATH', async () => {
  const trial = makeTrial('true');
  await trial.watch();
  await expect(trial.watch({ spec: { ...trial.spec, command: 'false' } })).rejects.toThrow(TrialMismatch);
  const elsewhere = { ...trial.spec, env: { ...trial.spec.env, PATH: '/bin' } };
  expect(await trial.watch({ spec: elsewhere })).toMatchObject({ reason: 'exited', code: 0 });
});

test('reports progress from a line that ends in \\r', async () => {
  const trial = makeTrial(String.raw`printf 'step 3/9\rstep 4/9 loss: 2.5\r'; sleep 2`);
  const steps: unknown[] = [];
  await trial.watch({ onProgress: ({ phase, step, of, value }) => steps.push({ phase, step, of, value }) });
  expect(steps).toContainEqual({ phase: 'training', step: 4, of: 9, value: 2.5 });
});

test('says so when no supervisor can work there', async () => {
  const trial = makeTrial('true');
  const spec = { ...trial.spec, deviceLock: '/dev/null/cpu.lock' };
  await expect(trial.watch({ spec })).rejects.toThrow(SupervisorFailed);
  expect(existsSync(trial.directory.exit)).toBe(false);
});
