import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { prepareStateDirectory, stateDirectory } from '../../src/config.ts';
import type { Services } from '../../src/services/daemon.ts';
import { allowRepo, allowedRepos, isAllowed } from '../../src/services/allowed.ts';
import { doctorLines } from '../../src/cli/doctor.ts';
import { fakeClient, fakeFeed, fakeServices, run } from './fakes.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'autoresearch-background-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SERVICES: Services = {
  address: '127.0.0.1:7233',
  uiUrl: 'http://127.0.0.1:8233',
  startUrl: `http://127.0.0.1:8233/start-workflow?${'a'.repeat(80)}`,
  httpUrl: 'http://127.0.0.1:40001',
  embedded: true,
  processes: [
    { name: 'control-worker', pid: 7, alive: true, startedAt: '', log: '/logs/control-worker.log' },
    { name: 'device-worker', pid: 8, alive: false, startedAt: '', log: '/logs/device-worker.log' },
  ],
};
const serviceControl = async () => ({
  ...fakeServices(),
  bootstrap: async () => SERVICES,
  services: async () => SERVICES,
  down: async () => ['control-worker'] as const,
});

const answeringFeed = async () => fakeFeed({ client: fakeClient({}) });

describe('services', () => {
  test('up prints where everything is, down what was ended', async () => {
    expect((await run(['up'], { serviceControl })).out).toBe(
      [
        'server   127.0.0.1:7233',
        'browser  http://127.0.0.1:8233',
        `start    ${SERVICES.startUrl}`,
        'http     http://127.0.0.1:40001',
        'running  control-worker (process 7)',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await run(['up', '--json'], { serviceControl })).out)).toEqual(SERVICES);
    expect((await run(['down'], { serviceControl })).out).toBe('Ended: control-worker.\n');
    expect((await run(['down'])).out).toBe('Nothing ran.\n');
  });

  test('up is exit 4 where the person has a server that does not answer, and starts nothing', async () => {
    const asked: string[] = [];
    const theirs = { services: async () => ({ address: 'there:7233', embedded: false, processes: [] }) };
    const { code, out, err } = await run(['up'], {
      openFeed: async () => fakeFeed({ theirs: 'there:7233' }),
      serviceControl: async () => ({ ...fakeServices(asked), ...theirs }),
    });
    expect([code, out, asked]).toEqual([4, '', []]);
    expect(err).toBe(
      'Expected a Temporal server at there:7233, which your Temporal profile names, got no answer; start it there, or remove that profile to use one of our own.\n',
    );
  });

  test('an unknown worker is exit 2', async () => {
    expect((await run(['worker', 'cpu'])).code).toBe(2);
  });
});

const findingsSchema = z.array(z.object({ name: z.string(), ok: z.boolean(), advice: z.string() }));

describe('doctor', () => {
  test('looks at each thing that a session needs, and says what to do about what is missing', async () => {
    const findings = findingsSchema.parse(JSON.parse((await run(['doctor', '--json'], { serviceControl })).out));
    const ok = (name: string) => findings.find((one) => one.name === name)?.ok;
    expect([ok('node'), ok('git'), ok('python'), ok('flock'), ok('disk'), ok('state directory')]).toEqual(
      Array.from({ length: 6 }, () => true),
    );
    expect([ok('control worker'), ok('device worker')]).toEqual([true, false]);
    for (const { ok: fine, advice } of findings) expect(advice === '').toBe(fine);
    const { code, out } = await run(['doctor'], { serviceControl });
    expect(code).toBe(0);
    expect(out).toContain('missing  device worker    not running here; `npx autoresearch up` starts it');
  });

  test("asks the person's own server whether it answers", async () => {
    const theirs = { address: 'there:7233', embedded: false, processes: [] };
    const control = async () => ({ ...fakeServices(), services: async () => theirs });
    const silent = await run(['doctor'], { serviceControl: control });
    expect(silent.code).toBe(1);
    expect(silent.out).toContain('missing  temporal server  yours, at there:7233, does not answer; start it there');
    const answering = await run(['doctor'], { serviceControl: control, openFeed: answeringFeed });
    expect(answering.out).toContain('ok       temporal server  yours, at there:7233');
  });

  test('a machine without git, Python and flock is exit 1', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = root;
    try {
      const { code, out } = await run(['doctor'], { serviceControl });
      expect(code).toBe(1);
      for (const tool of ['git', 'python', 'flock'])
        expect(out).toMatch(new RegExp(`^missing {2}${tool} +not on the PATH`, 'm'));
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('fits the width that it is given', () => {
    const finding = {
      name: 'bubblewrap',
      ok: false,
      needed: false,
      found: 'not on the PATH',
      advice: 'install it '.repeat(20),
    };
    for (const line of doctorLines([finding], 60)) expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe('allowed repos', () => {
  test('allow names the repo as git does, once', async () => {
    const repo = join(root, 'repo');
    mkdirSync(join(repo, 'below'), { recursive: true });
    execFileSync('git', ['init', '--quiet'], { cwd: repo });
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@localhost'];
    execFileSync('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message', 'begin'], { cwd: repo });
    expect(isAllowed(stateDirectory(), repo)).toBe(false);
    expect((await run(['allow', 'below'], { cwd: repo })).out).toBe(`${repo} is now allowed on this machine.\n`);
    expect((await run(['allow', repo])).out).toBe(`${repo} is already allowed on this machine.\n`);
    expect(JSON.parse((await run(['allow', repo, '--json'])).out)).toEqual({ repo, new: false });
    expect(isAllowed(stateDirectory(), repo)).toBe(true);
    expect(isAllowed(stateDirectory(), dirname(repo))).toBe(false);
  });

  test('allow refuses what is no repo, with exit 2', async () => {
    expect(await run(['allow', join(root, 'nothere')])).toMatchObject({ code: 2, out: '' });
  });

  test('many at once are all remembered', async () => {
    const directory = stateDirectory({ AUTORESEARCH_HOME: join(root, 'many') });
    const repos = Array.from({ length: 8 }, (_, k) => `/repo/${k}`);
    await Promise.all(repos.map((repo) => allowRepo(directory, repo)));
    expect([...allowedRepos(directory)].toSorted()).toEqual(repos);
  });

  test('a damaged list allows nothing and says so', () => {
    const directory = prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: join(root, 'damaged') }));
    writeFileSync(directory.allowed, '["/repo"');
    expect(() => isAllowed(directory, '/repo')).toThrow(/to be a list of repos, got "\[\\"\/repo\\""/);
    expect(readFileSync(directory.allowed, 'utf8')).toBe('["/repo"');
  });
});
