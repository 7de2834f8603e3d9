import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../src/config.ts';
import { TEMPORAL_CLI_VERSION } from '../../src/services/temporal-release.ts';
import { SERVER_SETTINGS } from '../../src/services/temporal-server.ts';
import { run } from '../cli/fakes.ts';
import { has } from '../support/commands.ts';

const text = readFileSync(join(packageRoot(), 'docker-compose.yml'), 'utf8');
const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  profiles: z.array(z.string()),
  init: z.literal(true),
  restart: z.string(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.unknown()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
});
const { services } = z
  .object({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.null()) })
  .parse(parse(text, { merge: true }));
type Service = z.infer<typeof serviceSchema>;
const service = (name: string): Service => serviceSchema.parse(services[name]);
const namesOf = (profile: string): string[] =>
  Object.entries(services).flatMap(([name, { profiles }]) => (profiles.includes(profile) ? [name] : []));

/** `Usage: autoresearch worker control [options]` only where the command is one, and not only its beginning. */
async function usage(command: readonly string[]): Promise<string> {
  return (await run([...command, '--help'])).out.split('\n')[0] ?? '';
}

describe('commands', () => {
  const ours = Object.entries(services).filter(
    ([, { build, entrypoint }]) => build === '.' && entrypoint === undefined,
  );

  test.each(ours)('%s runs a command that exists', async (_name, { command }) => {
    expect(await usage(command)).toMatch(new RegExp(`^Usage: autoresearch ${command.join(' ')}( |$)`));
  });

  test('all that people are told to say exist', async () => {
    const told = [...text.matchAll(/exec control autoresearch (\w+)/g)].map(([, verb = '']) => verb);
    expect(told.length).toBeGreaterThan(1);
    for (const verb of told) expect(await usage([verb])).toMatch(new RegExp(`^Usage: autoresearch ${verb}( |$)`));
  });

  test('a mistyped one would be seen', async () => {
    expect(await usage(['worker', 'cpu'])).not.toContain('worker cpu');
  });

  test('the dev server gets no option that the pinned command line lacks', () => {
    const { entrypoint, command, healthcheck } = service('dev-server');
    const check = healthcheck?.test.slice(1) ?? [];
    expect([entrypoint, check[0]]).toEqual([['temporal'], 'temporal']);
    for (const parameters of [command, check.slice(1)]) {
      const { status, stderr } = spawnSync('temporal', [...parameters, '--help'], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });
});

describe('sets', () => {
  test('the default one is a dev server with its file on a volume, a control worker and a device worker', () => {
    expect(namesOf('default').toSorted()).toEqual(['control', 'dev-server', 'device']);
    expect(readFileSync(join(packageRoot(), '.env'), 'utf8')).toMatch(/^COMPOSE_PROFILES=default$/m);
    expect(service('dev-server').volumes).toEqual(['server:/server']);
    expect(service('dev-server').command).toContain(`--db-filename=/server/temporal-${TEMPORAL_CLI_VERSION}.db`);
  });

  test('the other one is PostgreSQL, Temporal, its schema, its namespace of 30 days and its UI', () => {
    expect(namesOf('postgres').toSorted()).toEqual([
      'control',
      'device',
      'namespace',
      'postgres',
      'schema',
      'server',
      'ui',
    ]);
    expect(service('namespace').command.join()).toContain('--retention 30d');
    for (const { profiles, depends_on: before } of Object.values(services))
      for (const profile of profiles) expect(namesOf(profile)).toEqual(expect.arrayContaining(Object.keys(before)));
  });

  test('the server in PostgreSQL has the version and the settings of the dev server', () => {
    const { stdout } = spawnSync('temporal', ['--version'], { encoding: 'utf8' });
    const [, server, ui] = /\(Server ([\d.]+), UI ([\d.]+)\)/.exec(stdout) ?? [];
    expect(service('server').image).toBe(`temporalio/server:${server}`);
    for (const name of ['schema', 'namespace']) expect(service(name).image).toBe(`temporalio/admin-tools:${server}`);
    expect(service('ui').image).toBe(`temporalio/ui:${ui}`);
    const settings = service('dev-server').command.flatMap(
      (flag) => /^--dynamic-config-value=(.+)$/.exec(flag)?.[1] ?? [],
    );
    expect(settings).toEqual(SERVER_SETTINGS);
    const inPostgres = service('server').command.join();
    expect(
      [...inPostgres.matchAll(/'([\w.]+): \[\{ value: (\w+) \}\]'/g)].map(([, key, value]) => `${key}=${value}`),
    ).toEqual(SERVER_SETTINGS);
  });

  test('the image is built on one version of Node, and of the system below it, in both of its stages', () => {
    const bases = [...readFileSync(join(packageRoot(), 'Dockerfile'), 'utf8').matchAll(/^FROM (\S+)/gm)];
    expect(bases).toHaveLength(2);
    for (const [, base] of bases) expect(base).toMatch(/^node:20\.\d+\.\d+-bookworm-slim$/);
    expect(new Set(bases.map(([, base]) => base)).size).toBe(1);
  });

  test('everything is restarted, what has an end only after a failure, and servers say when they are well', () => {
    const hasEnd = ['schema', 'namespace'];
    for (const [name, { restart, image, ports }] of Object.entries(services)) {
      expect([name, restart]).toEqual([name, hasEnd.includes(name) ? 'on-failure' : 'unless-stopped']);
      expect([name, image]).toEqual([name, expect.stringMatching(/^durable-autoresearch$|:\d+\.\d+/)]);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
    for (const name of ['dev-server', 'postgres', 'server', 'ui']) expect(service(name).healthcheck).toBeDefined();
  });

  test('trials lie on a volume that both workers see, and the command line beside them starts no more workers', () => {
    for (const name of ['control', 'device']) {
      expect(service(name).volumes).toContain('state:/state');
      expect(service(name).environment).toMatchObject({ AUTORESEARCH_UP: 'off', TEMPORAL_ADDRESS: 'temporal:7233' });
    }
    expect(readFileSync(join(packageRoot(), 'Dockerfile'), 'utf8')).toContain('ENV AUTORESEARCH_HOME=/state');
  });
});

// Skipped, by name, where there is no docker-compose: CI installs it.
describe.skipIf(!has('docker-compose'))('docker-compose itself (needs docker-compose)', () => {
  it.each(['default', 'postgres'])('has nothing to say about the set %s', (profile) => {
    const how = ['--profile', profile, 'config', '-q'];
    const { status, stdout, stderr } = spawnSync('docker-compose', how, { cwd: packageRoot(), encoding: 'utf8' });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });
});
