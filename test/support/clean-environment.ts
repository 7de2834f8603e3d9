// Runs before each test file: no key, no server of the person's, no git settings of theirs, and a state directory that
// is thrown away, so that no test can spend money or touch real sessions.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

for (const name of Object.keys(process.env)) {
  if (/^(ANTHROPIC|CLAUDE|TEMPORAL|GIT|AUTORESEARCH)_/.test(name)) delete process.env[name];
}

const home = mkdtempSync(join(tmpdir(), 'autoresearch-test-'));
process.env['AUTORESEARCH_HOME'] = join(home, 'state');
process.env['XDG_CONFIG_HOME'] = join(home, 'config'); // a Temporal profile of the person's would name another server

afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});
