import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLibraryVersions } from '../../src/trainer/library-versions.ts';
import { testFolder } from './support.ts';

/** A folder with a program called python3. */
function pythonThat(script: string): string {
  mkdirSync(testFolder, { recursive: true });
  const folder = mkdtempSync(join(testFolder, 'python-'));
  writeFileSync(join(folder, 'python3'), `#!/bin/sh\necho asked >> ${folder}/asked\n${script}\n`);
  chmodSync(join(folder, 'python3'), 0o755);
  return folder;
}

test('asks the Python that is first in the PATH, of libraries that numbers depend on', async () => {
  const versions = await createLibraryVersions()({ PATH: process.env['PATH'] ?? '' });
  expect(versions['python']).toMatch(/^3\.\d+\.\d+/);
});

test('asks once for each environment', async () => {
  const folder = pythonThat(`echo '{"python": "3.99.0", "torch": "2.9.1"}'`);
  const versionsIn = createLibraryVersions();
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  expect(await versionsIn(env)).toEqual({ python: '3.99.0', torch: '2.9.1' });
  await versionsIn({ ...env, AUTORESEARCH_SEED: '8' });
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('asked\n');
});

test.each([
  ['fails', 'exit 1'],
  ['chatters', 'echo welcome; echo "{}"'],
  ['answers something else', `echo '{"python": 3}'`],
])('knows no versions where Python %s', async (_what, script) => {
  expect(await createLibraryVersions()({ PATH: `${pythonThat(script)}:/usr/bin:/bin` })).toEqual({});
});

test('knows no versions where there is no Python', async () => {
  expect(await createLibraryVersions()({ PATH: '/nowhere' })).toEqual({});
});

test('does not look like a process of the trial, which is killed when that starts', async () => {
  const folder = pythonThat('echo "{\\"python\\": \\"3$AUTORESEARCH_TRIAL\\"}"');
  const env = { PATH: `${folder}:/usr/bin:/bin`, AUTORESEARCH_TRIAL: 'night/1/1' };
  expect(await createLibraryVersions()(env)).toEqual({ python: '3' });
});
