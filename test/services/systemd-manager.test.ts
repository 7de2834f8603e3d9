import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { lingers, needManager, NoUserManager, readUnits } from '../../src/services/systemd-manager.ts';
import { standIn } from '../support/commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'autoresearch-manager-'));
let stand = { restore: () => {} };
const answer = (command: string, script: string): void => {
  stand.restore();
  stand = standIn(folder, command, script);
};
afterEach(() => {
  stand.restore();
  rmSync(folder, { recursive: true, force: true });
});

// As systemd 252 prints it.
const SHOWN = `MainPID=63
NRestarts=2
Id=autoresearch-server.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled

MainPID=0
NRestarts=7
Id=autoresearch-control.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
UnitFileState=disabled

MainPID=0
NRestarts=0
Id=autoresearch-device.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=`;

test('reads how the units stand, and leaves out those that are not installed', async () => {
  answer('systemctl', `cat <<END\n${SHOWN}\nEND`);
  expect(await readUnits(['autoresearch-server', 'autoresearch-control', 'autoresearch-device'])).toEqual([
    {
      unit: 'autoresearch-server',
      state: 'active (running)',
      active: true,
      process: 63,
      restarts: 2,
      enabled: true,
    },
    {
      unit: 'autoresearch-control',
      state: 'activating (auto-restart)',
      active: false,
      process: null,
      restarts: 7,
      enabled: false,
    },
  ]);
});

test('knows a machine without systemd from one whose manager is out of reach', async () => {
  const path = process.env['PATH'];
  process.env['PATH'] = folder;
  try {
    await expect(needManager()).rejects.toThrow(NoUserManager);
    await expect(needManager()).rejects.toThrow(/got no command `systemctl`\..*\n.*\nWithout: .*`npx autoresearch up`/);
  } finally {
    process.env['PATH'] = path;
  }
  answer('systemctl', 'echo "Failed to connect to bus: No medium found" >&2; exit 1');
  await expect(needManager()).rejects.toThrow(/got Failed to connect to bus: No medium found\.\nWith systemd: log in/);
});

test.each([
  ['echo Linger=yes', true],
  ['echo Linger=no', false],
  ['echo "User is not logged in or lingering" >&2; exit 1', null],
])('knows whether the manager runs from boot on: %s', async (script, expected) => {
  answer('loginctl', script);
  expect(await lingers()).toBe(expected);
});
