import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../src/config.ts';

// A clone of its own without sources, with a play npm that writes down what it is asked and does what the test wants.
let clone = '';
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'setup-test-'));
  mkdirSync(join(clone, 'play'));
  for (const name of ['setup.mjs', 'bin/built.mjs']) cpSync(join(packageRoot(), name), join(clone, name));
  writeFileSync(join(clone, 'package-lock.json'), '{}');
});
afterEach(() => {
  rmSync(clone, { recursive: true, force: true });
});

const INSTALLS = 'mkdir -p node_modules; echo "{}" > node_modules/.package-lock.json';

function playNpm(ping: string, ci: string): void {
  const script = `#!/bin/sh\necho "$@" >> asked\ncase $1 in\n  ping) ${ping};;\n  ci) ${ci};;\nesac\n`;
  writeFileSync(join(clone, 'play', 'npm'), script, { mode: 0o755 });
}

async function setup(): Promise<{ code: number; text: string; asked: string }> {
  const PATH = `${join(clone, 'play')}:/usr/bin:/bin`;
  return await new Promise((resolve) => {
    execFile(process.execPath, [join(clone, 'setup.mjs')], { env: { PATH } }, (error, stdout, stderr) => {
      const asked = join(clone, 'asked');
      resolve({
        code: Number(error?.code ?? 0),
        text: stdout + stderr,
        asked: existsSync(asked) ? readFileSync(asked, 'utf8') : '',
      });
    });
  });
}

test('installs the packages when they are missing, and nothing the second time', async () => {
  playNpm('exit 0', INSTALLS);
  const first = await setup();
  expect(first.code).toBe(0);
  expect(first.text).toMatch(/installing the node packages.*\nInstalled the node packages in \d+ s/);
  expect(first.asked).toContain('ci --include=dev');
  const second = await setup();
  expect(second).toEqual({ code: 0, text: '', asked: first.asked });
});

test('installs again when the lock file is newer than the packages', async () => {
  playNpm('exit 0', INSTALLS);
  await setup();
  const future = new Date(Date.now() + 60_000);
  utimesSync(join(clone, 'package-lock.json'), future, future);
  expect((await setup()).text).toContain('Installed the node packages');
});

test('installs again after an installation that was cut off', async () => {
  playNpm('exit 0', 'mkdir -p node_modules/half; exit 1');
  expect((await setup()).code).toBe(1);
  playNpm('exit 0', INSTALLS);
  expect((await setup()).text).toContain('Installed the node packages');
});

test('installs from a registry that knows no ping', async () => {
  playNpm('echo "npm error code E404" >&2; exit 1', INSTALLS);
  const { code, asked } = await setup();
  expect(code).toBe(0);
  expect(asked).not.toContain('--offline');
});

test('tries the kept packages when the registry is out of reach, and says what to do when that fails too', async () => {
  playNpm('echo "npm error code ENOTFOUND" >&2; exit 1', 'exit 7');
  const { code, text, asked } = await setup();
  expect(code).toBe(1);
  expect(asked).toContain('--offline');
  expect(text).toMatch(/Tried `npm ci .*--offline` in .* exited with 7.*registry did not answer/);
  expect(text).toContain('By hand: see that `npm ping` answers');
});

test('does without a lock file, as in an installed package', async () => {
  rmSync(join(clone, 'package-lock.json'));
  expect(await setup()).toEqual({ code: 0, text: '', asked: '' });
});

test('builds when there are sources that were not built, and goes on with the sources where that fails', async () => {
  playNpm('exit 0', INSTALLS);
  await setup();
  for (const name of ['src', 'workflows', 'activities']) mkdirSync(join(clone, name));
  for (const name of ['tsconfig.json', 'tsconfig.build.json']) writeFileSync(join(clone, name), '{}');
  writeFileSync(join(clone, 'bin', 'build.mjs'), 'process.exit(1);');
  const failed = await setup();
  const begins = 'Building dist/ from the sources (some seconds) …\n';
  const fails = 'The build failed; going on with the sources as they are.\n';
  expect([failed.code, failed.text]).toEqual([0, begins + fails]);
  const build = `import { mkdirSync, writeFileSync } from 'node:fs';
    mkdirSync('dist'); writeFileSync('dist/built-at', String(Date.now() + 1)); console.error('built');`;
  writeFileSync(join(clone, 'bin', 'build.mjs'), build);
  expect((await setup()).text).toBe(`${begins}built\n`);
  expect((await setup()).text).toBe('');
});
