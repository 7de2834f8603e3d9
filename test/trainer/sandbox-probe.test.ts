import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { probeSandbox } from '../../src/trainer/sandbox-probe.ts';
import { standIn } from '../support/commands.ts';
import { testFolder } from './support.ts';

const path = process.env['PATH'];
const hasUnshare = spawnSync('unshare', ['-Urmpn', '--fork', '--mount-proc', 'true']).status === 0;
afterEach(() => {
  process.env['PATH'] = path;
});
const folder = (): string => mkdtempSync(join(testFolder, 'bin-'));

test('takes bubblewrap where it works, without its size limits where it has none', () => {
  const bin = folder();
  standIn(bin, 'bwrap', 'exit 0');
  expect(probeSandbox()).toEqual({ sandbox: 'bubblewrap', isSized: true, trouble: '' });
  standIn(bin, 'bwrap', 'case "$*" in *--size*) echo "bwrap: Unknown option --size" >&2; exit 1;; esac');
  expect(probeSandbox()).toEqual({ sandbox: 'bubblewrap', isSized: false, trouble: '' });
});

test.skipIf(!hasUnshare)('takes unshare where bubblewrap is there but may not do its work (needs unshare)', () => {
  standIn(folder(), 'bwrap', 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1');
  const trouble = 'bwrap: setting up uid map: Permission denied';
  expect(probeSandbox()).toEqual({ sandbox: 'unshare', isSized: false, trouble });
});

test('has none where neither works, and says what bubblewrap said', () => {
  const bin = folder();
  standIn(bin, 'unshare', 'exit 1');
  standIn(bin, 'bwrap', 'exit 7');
  expect(probeSandbox()).toEqual({ sandbox: 'none', isSized: false, trouble: 'bwrap ended with 7' });
  mkdirSync(join(bin, 'empty'));
  process.env['PATH'] = join(bin, 'empty');
  expect(probeSandbox()).toEqual({ sandbox: 'none', isSized: false, trouble: 'no bwrap on the PATH' });
});
