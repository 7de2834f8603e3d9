// `.ci/run` on a machine that lacks everything: apt-get, npm and what they bring are played.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../src/config.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ci-test-'));
  mkdirSync(join(folder, 'bin'));
  for (const tool of ['bash', 'dirname', 'id']) symlinkSync(pathOf(tool), join(folder, 'bin', tool));
  program('sudo', 'shift; exec "$@"');
  program('npm', 'echo "npm $*"');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (tool: string): string =>
  spawnSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();

const program = (name: string, text: string): void =>
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

/** An apt-get that has only some packages, and refuses a whole command that names another, as the real one does. */
const aptGet = (...packages: string[]): void =>
  program(
    'apt-get',
    `[ "$1" = install ] || exit 0
    while [ $# -gt 0 ]; do case $1 in install|-*) ;; ${packages.join('|')}) got="$got$1 ";; *) exit 100;; esac; shift; done
    echo "$got" >> ${folder}/installed`,
  );

function ci(): { code: number | null; out: string } {
  const env = { PATH: join(folder, 'bin') };
  const { status, stdout } = spawnSync(join(packageRoot(), '.ci/run'), { env, encoding: 'utf8' });
  return { code: status, out: stdout };
}

test('installs what a machine lacks one by one, a browser by the name that there is, and says what cannot be had', () => {
  aptGet('chromium-browser', 'bubblewrap', 'systemd');
  const { code, out } = ci();
  expect(out.split('\n').slice(0, 7)).toEqual([
    'Installing chromium or chromium-browser …',
    'Installing bubblewrap …',
    'Installing systemd …',
    'Installing docker-compose …',
    'Could not install docker-compose: the tests that need it will be skipped, by name.',
    'npm run check',
    'npm test --silent',
  ]);
  expect(code).toBe(0);
  expect(readFileSync(join(folder, 'installed'), 'utf8').split(/\s+/)).toEqual([
    'chromium-browser',
    'bubblewrap',
    'systemd',
    '',
  ]);
});

test('installs nothing where all is there', () => {
  for (const name of ['google-chrome', 'bwrap', 'systemd-analyze', 'docker-compose']) program(name, 'exit 0');
  aptGet();
  expect(ci().out).toBe('npm run check\nnpm test --silent\n');
});
