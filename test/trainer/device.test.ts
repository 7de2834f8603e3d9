import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findDevices, isDeviceFree } from '../../src/trainer/device.ts';
import { livePids, eventually, makeTrial, runningNote, testFolder } from './support.ts';

test('a machine without a GPU has its CPU, and a device that is not there is refused by name', async () => {
  const workerEnv = { PATH: '/nowhere' };
  expect(await findDevices({ workerEnv })).toMatchObject([{ id: 'cpu', class: expect.stringMatching(/^cpu-.+-\d+$/) }]);
  await expect(findDevices({ workerEnv, override: 'gpu7' })).rejects.toThrow(
    /Expected the devices to be of cpu, cpu0, cpu1, … \(parts of the CPU\), each once, got "gpu7"/,
  );
});

test('the CPU can be several devices, each told its share of the threads and never compared with the whole', async () => {
  const workerEnv = { PATH: '/nowhere' };
  const [cpu] = await findDevices({ workerEnv });
  const parts = await findDevices({ workerEnv, override: 'cpu0, cpu1,cpu2,cpu3' });
  expect(parts.map(({ id }) => id)).toEqual(['cpu0', 'cpu1', 'cpu2', 'cpu3']);
  const threads = String(Math.max(1, Math.floor(cpus().length / 4)));
  for (const { class: name, env } of parts) {
    expect(name).toBe(`${cpu?.class}-in-4`);
    expect(env).toMatchObject({ CUDA_VISIBLE_DEVICES: '', OMP_NUM_THREADS: threads });
  }
  await expect(findDevices({ workerEnv, override: 'cpu0,cpu0' })).rejects.toThrow('got cpu0 twice');
});

test('two trials on one device train one after the other', async () => {
  const lock = join(testFolder, 'devices', 'shared.lock');
  const journal = join(testFolder, 'journal');
  appendFileSync(journal, '');
  const go = join(testFolder, 'go');
  const command = `echo start >> ${journal}; until [ -e ${go} ]; do sleep 0.05; done; echo end >> ${journal}`;
  const trials = [makeTrial(command, { deviceLock: lock }), makeTrial(command, { deviceLock: lock })];
  expect(isDeviceFree(lock)).toBe(true);
  const phases = trials.map(() => '');
  const watching = trials.map((trial, k) => trial.watch({ onProgress: ({ phase }) => void (phases[k] = phase) }));
  await eventually(() => phases.includes('training') && phases.includes('waiting'));
  expect(isDeviceFree(lock)).toBe(false);
  writeFileSync(go, '');
  await Promise.all(watching);
  expect(readFileSync(journal, 'utf8')).toBe('start\nend\nstart\nend\n');
  await eventually(() => isDeviceFree(lock));
});

test('what a trial left on the device is gone before the next one trains there', async () => {
  const lock = join(testFolder, 'devices', 'dirty.lock');
  const first = makeTrial('sleep 60', { deviceLock: lock });
  const gone = new AbortController();
  const watching = first.watch({ signal: gone.signal }).catch(() => undefined);
  const { supervisor } = await runningNote(first.directory);
  gone.abort('detach');
  await watching;
  process.kill(supervisor.pid, 'SIGKILL'); // nobody is left to end its command
  expect(livePids(first.directory)).not.toEqual([]);
  expect(await makeTrial('true', { deviceLock: lock }).watch()).toMatchObject({ code: 0 });
  expect(livePids(first.directory)).toEqual([]);
});

test('a stop ends the wait for the device', async () => {
  const lock = join(testFolder, 'devices', 'wait.lock');
  const first = makeTrial('sleep 60', { deviceLock: lock });
  const stop = new AbortController();
  const watching = first.watch({ signal: stop.signal });
  await runningNote(first.directory);
  const second = makeTrial('echo never', { deviceLock: lock });
  const stopSecond = new AbortController();
  const waiting = second.watch({ signal: stopSecond.signal });
  await eventually(() => existsSync(second.directory.progress));
  stopSecond.abort('kill');
  expect(await waiting).toMatchObject({ reason: 'stopped', seconds: 0 });
  expect(existsSync(second.directory.log)).toBe(false);
  stop.abort('kill');
  await watching;
});
