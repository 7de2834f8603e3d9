// Programs that a test needs of the machine, and programs that stand in for them.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Whether this machine has the command. */
export const has = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

/** Writes a shell script of this name, first on the PATH until `restore` is called. */
export function standIn(folder: string, command: string, script: string): { readonly restore: () => void } {
  const path = join(folder, command);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  const before = process.env['PATH'];
  process.env['PATH'] = [folder, before].join(delimiter);
  return { restore: () => (process.env['PATH'] = before) };
}
