import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { standIn } from '../support/commands.ts';
import { fakeServices, run } from './fakes.ts';

let folder = '';
const restores: (() => void)[] = [];
const answer = (command: string, script: string): void =>
  void restores.push(standIn(join(folder, command), command, script).restore);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autoresearch-service-'));
  process.env['XDG_CONFIG_HOME'] = join(folder, 'config');
  answer('systemctl', 'exit 0');
  answer('loginctl', 'echo Linger=no');
});
afterEach(() => {
  for (const restore of restores.splice(0).toReversed()) restore();
  delete process.env['TEMPORAL_API_KEY'];
  rmSync(folder, { recursive: true, force: true });
});

const shown = (unit: string, state: string, pid: number, load = 'loaded'): string =>
  `Id=${unit}.service\nLoadState=${load}\nActiveState=${state}\nSubState=${pid > 0 ? 'running' : 'auto-restart'}
MainPID=${pid}\nNRestarts=${pid > 0 ? 0 : 1204}\nUnitFileState=enabled`;
const units = (...states: string[]): void => answer('systemctl', `cat <<END\n${states.join('\n\n')}\nEND`);

test('install names the files, says what runs and how it survives a logout; uninstall takes them away', async () => {
  const { code, out, err } = await run(['service', 'install']);
  expect(code).toBe(0);
  expect(out).toMatch(/^(Wrote .*\/systemd\/user\/autoresearch-(server|control|device)\.service\n){3}$/);
  expect(err).toBe(`Running: autoresearch-server, autoresearch-control, autoresearch-device.
They run while you are logged in; \`loginctl enable-linger\`, once, lets them run from boot on and after your last logout.
`);
  expect((await run(['service', 'install'])).out).toBe('All units were installed already.\n');
  expect(JSON.parse((await run(['service', 'install', '--json'])).out)).toMatchObject({ written: [], leftOut: [] });
  expect((await run(['service', 'uninstall'])).out).toMatch(/^(Removed .*\.service\n){3}$/);
  expect(await run(['service', 'uninstall'])).toEqual({ code: 0, out: 'Nothing was installed.\n', err: '' });
});

test('install names the secrets of this shell that the units do not get', async () => {
  process.env['TEMPORAL_API_KEY'] = 'key';
  const { err } = await run(['service', 'install', '--no-start']);
  expect(err).toContain('To be started with the next login or boot: autoresearch-server');
  expect(err).toContain('Secret, and therefore not in the units: TEMPORAL_API_KEY;');
});

test('status is a table of 80 columns, exit 0 while all run, and says how they come to run at boot', async () => {
  units(shown('autoresearch-server', 'active', 63), shown('autoresearch-control', 'active', 64));
  const { code, out, err } = await run(['service', 'status']);
  expect(code).toBe(0);
  expect(out).toBe(`unit                  process  restarts  enabled  state
autoresearch-server   63       0         yes      active (running)
autoresearch-control  64       0         yes      active (running)
`);
  expect(err).toContain('loginctl enable-linger');
  expect(JSON.parse((await run(['service', 'status', '--json'])).out)).toMatchObject({
    units: [{ unit: 'autoresearch-server', active: true, process: 63 }, { unit: 'autoresearch-control' }],
    lingering: false,
  });
});

test('status is exit 1 where a unit does not run, and says where to read why', async () => {
  units(shown('autoresearch-server', 'active', 4_194_304), shown('autoresearch-device', 'activating', 0));
  const { code, out, err } = await run(['service', 'status']);
  expect(code).toBe(1);
  expect(out).toContain('autoresearch-device           1204      yes      activating (auto-restart)\n');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(err).toContain('Not running: autoresearch-device. `journalctl --user -u autoresearch-device` says why.');
});

test('status is exit 3 where nothing is installed', async () => {
  units(shown('autoresearch-server', 'inactive', 0, 'not-found'));
  const { code, out, err } = await run(['service', 'status']);
  expect([code, out]).toEqual([3, '']);
  expect(err).toContain('`npx autoresearch service install`');
});

test.each(['status', 'install'])('%s is exit 1 without a user manager and says what to do', async (verb) => {
  answer('systemctl', 'echo "Failed to connect to bus: No medium found" >&2; exit 1');
  const { code, out, err } = await run(['service', verb]);
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^Expected a systemd user manager, got Failed to connect.*\nWith systemd: .*\nWithout: /);
  expect(readdirSync(folder)).not.toContain('config');
});

test('down is exit 1 while systemd keeps something running, and names what is left', async () => {
  const entry = { name: 'control-worker', pid: 7, alive: true, startedAt: '', log: '' } as const;
  const nothing = { embedded: true, processes: [] };
  const serviceControl = async () => ({
    ...fakeServices(),
    bootstrap: async () => nothing,
    up: async () => nothing,
    down: async () => [],
    services: async () => ({ embedded: true, processes: [entry] }),
  });
  expect(await run(['down'], { serviceControl })).toMatchObject({ code: 1, out: 'Nothing was ended.\n' });
  expect(JSON.parse((await run(['down', '--json'], { serviceControl })).out)).toEqual({
    ended: [],
    left: ['control-worker'],
  });
});
