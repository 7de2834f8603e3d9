// What the units run, as systemd runs it: the leader of a process session, with the unit's marks in its environment.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import { down, services, up, type Services } from '../../src/services/daemon.ts';
import { identify } from '../../src/trainer/process-identity.ts';
import { writeOwnPorts } from '../support/own-ports.ts';
import { until } from '../support/until.ts';

const launcher = join(packageRoot(), 'test/fixtures/services/worker.js');
const said: string[] = [];
const say = (text: string): void => void said.push(text);
const units: ChildProcess[] = [];
writeOwnPorts(stateDirectory().root);

afterEach(async () => {
  delete process.env['AUTORESEARCH_UP'];
  const ended = units.splice(0).map(async (unit) => {
    if (unit.exitCode !== null || unit.signalCode !== null) return;
    const exit = once(unit, 'exit');
    unit.kill('SIGTERM');
    await exit;
  });
  await Promise.all(ended);
  for (const { pid, alive } of (await services()).processes) if (alive) process.kill(pid, 'SIGKILL');
  await down();
  said.length = 0;
});

const PARTS = { server: 'temporal-server', control: 'control-worker', gpu: 'device-worker' } as const;

/** Starts what the unit of this part starts; `program` stands in for the worker itself. */
function startUnit(part: keyof typeof PARTS, program = join(packageRoot(), 'bin/autoresearch.js')): ChildProcess {
  const marks = {
    AUTORESEARCH_UNIT: `autoresearch-${part === 'gpu' ? 'device' : part}`,
    ...(part !== 'server' && { AUTORESEARCH_SERVICE: PARTS[part] }),
  };
  const unit = spawn(process.execPath, [program, 'worker', part], {
    env: { ...process.env, ...marks },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  unit.stderr?.on('data', (data: Buffer) => say(data.toString()));
  units.push(unit);
  return unit;
}

/** Takes a port, once the kernel has it back. */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  return once(server, 'listening').then(
    () => server,
    () => undefined,
  );
}

const alive = ({ processes }: Services): Record<string, number> =>
  Object.fromEntries(processes.filter((one) => one.alive).map(({ name, pid }) => [name, pid]));
const serverPid = async (): Promise<number> => until(async () => alive(await services())['temporal-server']);
const allRun = (): Promise<Services> =>
  until(async () => {
    const now = await services();
    return Object.keys(alive(now)).length === 3 && now.processes.every(({ log }) => log !== '/dev/null') && now;
  });

test('up beside running units starts nothing, and down ends nothing but says how that is done', async () => {
  for (const part of ['control', 'gpu', 'server'] as const) startUnit(part);
  const running = await allRun();
  expect(running.processes.find(({ name }) => name === 'control-worker')).toMatchObject({
    pid: units[0]?.pid,
    log: 'journalctl --user -u autoresearch-control',
  });
  expect(alive(await up({ say, launcher, watchdog: true }))).toEqual(alive(running));
  // Whatever services.json says: other code, or nothing at all.
  const path = stateDirectory().services;
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/"runs": "[^"]*\+/g, '"runs": "0.0.1+'));
  expect(alive(await up({ say, launcher }))).toEqual(alive(running));
  expect(said.join('\n')).toContain(
    'run older code; start them again: systemctl --user restart autoresearch-control autoresearch-device',
  );
  writeFileSync(path, '{}');
  expect(alive(await up({ say, launcher }))).toEqual(alive(running));

  expect(await down({ say })).toEqual([]);
  expect(alive(await services())).toEqual(alive(running));
  expect(said.join('\n')).toMatch(/systemd runs the .*control worker/);
  expect(said.join('\n')).toContain(
    'systemctl --user stop autoresearch-control autoresearch-device autoresearch-server',
  );
}, 120_000);

test('a unit that starts takes the place of what up has started', async () => {
  const before = alive(await up({ say, launcher }));
  startUnit('server');
  const pid = await until(async () => {
    const now = alive(await services())['temporal-server'];
    return now !== before['temporal-server'] && now;
  });
  for (const gone of Object.values(before)) expect(identify(gone)).toBeUndefined();
  await until(() => said.join('\n').includes('Took the place of what `autoresearch up` had started'));
  expect(alive(await services())).toEqual({ 'temporal-server': pid });
  // A worker of the person's own beside it is none of systemd's business to keep.
  expect(alive(await up({ say, launcher }))).toMatchObject({ 'temporal-server': pid });
});

test("the server outlives its unit's process, and the next one takes it over as it is", async () => {
  const unit = startUnit('server');
  const pid = await serverPid();
  await until(() => said.join('').includes('The Temporal server runs at'));
  unit.kill('SIGKILL');
  await once(unit, 'exit');
  expect(identify(pid)).toBeDefined();
  said.length = 0;
  const next = startUnit('server');
  await until(() => said.join('').includes('The Temporal server runs at'));
  expect(await serverPid()).toBe(pid);
  next.kill('SIGTERM');
  expect(await once(next, 'exit')).toEqual([0, null]);
  expect(identify(pid)).toBeUndefined();
});

test('a server that dies ends its process with a failure, so that systemd starts both again', async () => {
  const unit = startUnit('server');
  const pid = await serverPid();
  await until(() => said.join('').includes('The Temporal server runs at'));
  process.kill(pid, 'SIGKILL');
  expect(await once(unit, 'exit')).toEqual([1, null]);
  expect(said.join('')).toMatch(
    /Expected the Temporal server \(process \d+\) to run, but it ended; read .*server\.log/,
  );
});

test('workers that know the server at another address are ended, so that they ask for the new one', async () => {
  const unit = startUnit('server');
  const pid = await serverPid();
  await until(() => said.join('').includes('The Temporal server runs at'));
  const { address = '' } = await services();
  const worker = startUnit('control', launcher);
  const identity = await until(() => identify(worker.pid ?? 0));
  const path = stateDirectory().services;
  const file = JSON.parse(readFileSync(path, 'utf8')) as { processes: object[] };
  const entry = { name: 'control-worker', ...identity, startedAt: '', log: '', runs: `0.1.0+1 ${address}` };
  writeFileSync(path, JSON.stringify({ ...file, processes: [...file.processes, entry] }));
  unit.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await once(unit, 'exit');
  const squatter = await until(() => listenOn(Number(address.split(':')[1])));
  try {
    startUnit('server');
    await once(worker, 'exit');
    expect((await services()).address).not.toBe(address);
  } finally {
    squatter.close();
  }
});

test('a server of the person’s own leaves nothing to run', async () => {
  process.env['TEMPORAL_ADDRESS'] = 'temporal.example:7233';
  try {
    const unit = startUnit('server');
    expect(await once(unit, 'exit')).toEqual([2, null]);
    expect(said.join('')).toContain('unset TEMPORAL_ADDRESS');
  } finally {
    delete process.env['TEMPORAL_ADDRESS'];
  }
});

test('up starts nothing where it is switched off, as in containers', async () => {
  process.env['AUTORESEARCH_UP'] = 'off';
  expect((await up({ say, launcher })).processes).toEqual([]);
});
