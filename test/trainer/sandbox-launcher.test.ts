// The program that a scorer runs a candidate's code through, started as a scorer would that passes on nothing.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeLauncher } from '../../src/trainer/sandbox-launcher.ts';
import { probeSandbox } from '../../src/trainer/sandbox-probe.ts';
import { killAll, listProcesses } from '../../src/trainer/process-table.ts';
import { kinds } from './sandboxed.ts';
import { eventually, testFolder } from './support.ts';

for (const { kind, has } of kinds) {
  describe.skipIf(!has)(`with sandbox ${kind} (needs it)`, () => {
    test('marks what it runs, so that it is found after its scorer', async () => {
      const folder = mkdtempSync(join(testFolder, 'launcher-'));
      const env = { PATH: process.env['PATH'] ?? '' };
      const marker = `AUTORESEARCH_STEP=night/1/1 in it's = ${folder}`;
      const place = { env, device: { id: 'cpu' }, state: testFolder, read: [], write: [], hidden: [], outputMb: 50 };
      const launcher = writeLauncher(
        join(folder, 'launcher'),
        { ...probeSandbox(), sandbox: kind },
        { ...place, marker },
      );
      const scorer = spawn(launcher.path ?? '', ['sleep', '60'], { env, stdio: 'ignore', detached: true });
      const marked = () => listProcesses().filter(({ carries }) => carries([marker]));
      await eventually(() => marked().length > 0);
      await killAll(({ carries }) => carries([marker]), 0);
      expect(marked()).toEqual([]);
      if (scorer.pid !== undefined) await eventually(() => scorer.exitCode !== null || scorer.signalCode !== null);
    });
  });
}
