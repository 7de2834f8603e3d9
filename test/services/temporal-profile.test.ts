import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { externalServer } from '../../src/services/external-server.ts';
import { profilePath, temporalProfile } from '../../src/services/temporal-profile.ts';

const folder = mkdtempSync(join(tmpdir(), 'autoresearch-profile-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function profile(text: string): string {
  vi.stubEnv('XDG_CONFIG_HOME', folder);
  vi.stubEnv('HOME', folder);
  mkdirSync(dirname(profilePath()), { recursive: true });
  writeFileSync(profilePath(), text);
  return profilePath();
}

it('takes the address of a Temporal profile', async () => {
  profile('[profile.default]\naddress = "temporal.example:7233"\nnamespace = "ours"\n');
  expect(await externalServer()).toEqual({ address: 'temporal.example:7233', namespace: 'ours' });
});

it('passes over a variable that is set to nothing', async () => {
  profile('[profile.default]\naddress = "temporal.example:7233"\n');
  vi.stubEnv('TEMPORAL_ADDRESS', '');
  vi.stubEnv('TEMPORAL_NAMESPACE', '');
  expect(await externalServer()).toEqual({ address: 'temporal.example:7233', namespace: 'default' });
});

it('knows no address where nothing but an empty variable names one', async () => {
  profile('[profile.default]\n');
  vi.stubEnv('TEMPORAL_ADDRESS', '');
  expect((await temporalProfile()).connectionOptions.address).toBeUndefined();
});

it('names the file of a profile that cannot be read, as a mistake of its writer', async () => {
  const path = profile('[profile.default\naddress = ');
  await expect(externalServer()).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(`Expected ${path} and TEMPORAL_* to be a Temporal profile, got: `),
  });
});
