import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installUnits, uninstallUnits } from '../../src/services/systemd.ts';
import { standIn } from '../support/commands.ts';

// No test asks a real user manager: a stand-in writes down what it is told.
let folder = '';
let units = '';
let manager = { restore: () => {} };
const said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoresearch-systemd-'));
  units = join(folder, 'config', 'systemd', 'user');
  manager = standIn(join(folder, 'bin'), 'systemctl', `echo "$@" >> '${folder}/told'`);
});
afterEach(() => {
  manager.restore();
  delete process.env['TEMPORAL_ADDRESS'];
  rmSync(folder, { recursive: true, force: true });
  said.length = 0;
});

const shell = () => ({ ...process.env, XDG_CONFIG_HOME: join(folder, 'config') });
const install = (more: object = {}) => installUnits({ shell: shell(), ...more });
const uninstall = () => uninstallUnits((text) => said.push(text), shell());
const tree = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
const told = (): string[] => readFileSync(join(folder, 'told'), 'utf8').trimEnd().split('\n');
const noManager = (): void => {
  manager.restore();
  manager = standIn(join(folder, 'bin'), 'systemctl', 'echo "Failed to connect to bus: No medium found" >&2; exit 1');
};

const FILES = ['autoresearch-server.service', 'autoresearch-control.service', 'autoresearch-device.service'];
const ALL = 'autoresearch-server autoresearch-control autoresearch-device';

test('writes, enables and starts the units, readable by this person alone', async () => {
  const { written, units: names } = await install();
  expect(written).toEqual(FILES.map((name) => join(units, name)));
  expect(names.join(' ')).toBe(ALL);
  for (const name of FILES) {
    expect(statSync(join(units, name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(units, 'default.target.wants', name)).isFile()).toBe(true);
  }
  expect(told()).toEqual(['--user show --property=Version', '--user daemon-reload', `--user restart ${ALL}`]);
  const control = readFileSync(join(units, 'autoresearch-control.service'), 'utf8');
  expect(control).toContain(`${process.execPath} ${process.cwd()}/bin/autoresearch.js worker control\n`);
  expect(control).toContain(`AUTORESEARCH_HOME=${process.env['AUTORESEARCH_HOME']}\n`);
});

test('twice is as good as once: what runs goes on', async () => {
  await install();
  const before = tree();
  expect(await install()).toEqual({ units: ALL.split(' '), written: [], leftOut: [] });
  expect(tree()).toEqual(before);
  expect(told().at(-1)).toBe(`--user start ${ALL}`);
});

test('starts the units again when something about them has changed', async () => {
  await install();
  const device = join(units, 'autoresearch-device.service');
  writeFileSync(device, readFileSync(device, 'utf8').replace('RestartSec=2', 'RestartSec=60'));
  rmSync(join(units, 'default.target.wants', 'autoresearch-device.service'));
  expect((await install()).written).toEqual([device]);
  expect(readFileSync(device, 'utf8')).toContain('RestartSec=2\n');
  expect(statSync(join(units, 'default.target.wants', 'autoresearch-device.service')).isFile()).toBe(true);
  expect(told().at(-1)).toBe(`--user restart ${ALL}`);
});

test('uninstall removes exactly what install wrote', async () => {
  mkdirSync(join(units, 'default.target.wants'), { recursive: true });
  writeFileSync(join(units, 'mail.service'), '[Service]\nExecStart=/bin/true\n');
  symlinkSync(join(units, 'mail.service'), join(units, 'default.target.wants', 'mail.service'));
  const before = tree();
  await install();
  expect(await uninstall()).toEqual(FILES.map((name) => join(units, name)));
  expect(tree()).toEqual([...before, 'told'].toSorted());
  expect(told().slice(-2)).toEqual([`--user stop ${ALL}`, '--user daemon-reload']);
  expect(await uninstall()).toEqual([]);
});

test('leaves a unit that somebody else wrote as it is', async () => {
  mkdirSync(units, { recursive: true });
  writeFileSync(join(units, 'autoresearch-control.service'), '[Service]\nExecStart=/mine\n');
  const before = tree();
  await expect(install()).rejects.toThrow(/autoresearch-control\.service to be a unit of ours, got one that somebody/);
  expect(await uninstall()).toEqual([]);
  expect(tree()).toEqual(before);
});

test('writes nothing where no user manager answers, and says what to do', async () => {
  noManager();
  const before = tree();
  await expect(install()).rejects.toThrow(
    /^Expected a systemd user manager, got Failed to connect to bus: No medium found\.\nWith systemd: log in as this user/,
  );
  expect(tree()).toEqual(before);
});

test('writes the files alone when told so, and removes them without a user manager', async () => {
  noManager();
  const before = tree();
  expect((await install({ start: false })).written).toHaveLength(3);
  expect(await uninstall()).toHaveLength(3);
  expect(said.join('\n')).toContain('what runs was not stopped');
  expect(tree().filter((path) => !path.startsWith('config'))).toEqual(before);
  expect(readdirSync(units)).toEqual([]);
});

test('takes the server away once the person has one of their own', async () => {
  await install();
  process.env['TEMPORAL_ADDRESS'] = 'temporal.example:7233';
  const { units: names } = await install();
  expect(names).toEqual(['autoresearch-control', 'autoresearch-device']);
  expect(readdirSync(units).toSorted()).toEqual([
    'autoresearch-control.service',
    'autoresearch-device.service',
    'default.target.wants',
  ]);
  expect(told()).toContain('--user stop autoresearch-server');
  expect(readFileSync(join(units, 'autoresearch-device.service'), 'utf8')).toContain('temporal.example:7233');
});

test('says what systemd said when a unit does not start', async () => {
  manager.restore();
  manager = standIn(join(folder, 'bin'), 'systemctl', '[ "$2" = show ] || { echo "Job failed" >&2; exit 1; }');
  await expect(install()).rejects.toThrow('Expected systemd to daemon-reload, got: Job failed.');
});
