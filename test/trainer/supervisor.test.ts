// The supervisor as a process: what it survives, what it gives way to, what it must not carry.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive } from '../../src/trainer/process-identity.ts';
import { environmentOf } from '../../src/trainer/process-table.ts';
import { supervisorProgram } from '../../src/trainer/supervisor-program.ts';
import { eventually, makeTrial, runningNote, supervisorCache, type TestTrial } from './support.ts';

const UNTIL_GO = 'until [ -e "$AUTORESEARCH_OUT/go" ]; do sleep 0.05; done';

function startWorker({ directory, spec }: TestTrial, env: NodeJS.ProcessEnv = process.env): ChildProcess {
  const program = fileURLToPath(new URL('../fixtures/trainer/worker.ts', import.meta.url));
  const watch = JSON.stringify({ directory, spec, supervisorCache });
  return spawn(process.execPath, ['--import', 'tsx', program, watch], {
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test.each(['SIGKILL', 'SIGTERM', 'SIGHUP'] as const)(
  'a training outlives the %s of its worker and is adopted by the next',
  async (signal) => {
    const trial = makeTrial(UNTIL_GO);
    const worker = startWorker(trial);
    const { supervisor, child } = await runningNote(trial.directory);
    // To the worker's whole group, as a terminal or a service manager would. Its output closes only when nobody,
    // the supervisor included, has kept a descriptor of it.
    process.kill(-(worker.pid ?? Number.NaN), signal);
    await once(worker, 'close');
    expect([isAlive(supervisor), isAlive(child)]).toEqual([true, true]);
    const next = trial.watch();
    writeFileSync(join(trial.directory.out, 'go'), '');
    expect(await next).toMatchObject({ reason: 'exited', code: 0 });
    expect(trial.prepared()).toBe(0);
  },
);

test('a training that ends with no worker alive is harvested by the next', async () => {
  const trial = makeTrial(UNTIL_GO, { seconds: 1 });
  const worker = startWorker(trial);
  const { supervisor } = await runningNote(trial.directory);
  worker.kill('SIGKILL');
  await eventually(() => !isAlive(supervisor));
  expect(await trial.watch()).toMatchObject({ reason: 'deadline' });
  expect(trial.prepared()).toBe(0);
});

test('no key of the worker is in the environment of supervisor or training', async () => {
  const trial = makeTrial(UNTIL_GO);
  const worker = startWorker(trial, { ...process.env, ANTHROPIC_API_KEY: 'secret', AWS_SESSION_TOKEN: 'secret' });
  const { supervisor, child } = await runningNote(trial.directory);
  const seen = [...environmentOf(supervisor.pid), ...environmentOf(child.pid)].join('\n');
  expect(seen).toContain('AUTORESEARCH_TRIAL=');
  expect(seen).not.toContain('secret');
  writeFileSync(join(trial.directory.out, 'go'), '');
  await once(worker, 'close');
});

test('a supervisor that is told to end, as by a shutdown, leaves no result: the trial is trained again', async () => {
  const trial = makeTrial('if [ -e "$HOME/../second" ]; then exit 0; fi; exec sleep 60');
  const watching = trial.watch();
  const { supervisor, child } = await runningNote(trial.directory);
  writeFileSync(join(trial.directory.root, 'second'), '');
  process.kill(supervisor.pid, 'SIGTERM');
  expect(await watching).toMatchObject({ reason: 'exited', code: 0 });
  expect(isAlive(child)).toBe(false);
  expect(trial.prepared()).toBe(2);
});

test('a supervisor of an older start leaves without touching the trial', async () => {
  const trial = makeTrial('true');
  mkdirSync(trial.directory.tree, { recursive: true });
  writeFileSync(trial.directory.spec, JSON.stringify(trial.spec));
  writeFileSync(trial.directory.ticket, 'the newer start');
  const program = await supervisorProgram(supervisorCache);
  const run = spawnSync(process.execPath, [program, trial.directory.root, 'the older start'], { encoding: 'utf8' });
  expect(run.stdout).toContain('superseded');
  expect(existsSync(trial.directory.pid)).toBe(false);
});

test('a second supervisor finds the result of the first and trains nothing', async () => {
  const trial = makeTrial('date +%N');
  await trial.watch();
  const log = readFileSync(trial.directory.log, 'utf8');
  const program = await supervisorProgram(supervisorCache);
  const ticket = readFileSync(trial.directory.ticket, 'utf8');
  const run = spawnSync(process.execPath, [program, trial.directory.root, ticket], { encoding: 'utf8' });
  expect(run.stdout).toContain('finished-before');
  expect(readFileSync(trial.directory.log, 'utf8')).toBe(log);
});

test('the bundle is made once for the same sources', async () => {
  const program = await supervisorProgram(supervisorCache);
  expect(await supervisorProgram(supervisorCache)).toBe(program);
  expect(existsSync(program)).toBe(true);
});
