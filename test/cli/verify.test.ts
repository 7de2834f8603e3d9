import { cp, rm, writeFile, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { stateDirectory } from '../../src/config.ts';
import { candidateRef, keptRef, ledgerRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { pushRefs } from '../../src/git/push.ts';
import { newNight, OPENING, tamper, type NightOptions } from '../git/night.ts';
import { newFolder, newRepo } from '../git/sandbox.ts';
import { run } from './fakes.ts';

/** A folder without sessions around it. */
let cwd = '';
beforeEach(async () => {
  await rm(stateDirectory().repos, { recursive: true, force: true });
  cwd = await newFolder();
});

/** A night in a home clone of this machine. */
async function atHome(options: NightOptions = {}): Promise<string> {
  const { clone, tag } = await newNight(options);
  const home = join(stateDirectory().repos, `${tag}.git`);
  await cp(clone, home, { recursive: true });
  return home;
}

test('a night that is whole is one line and exit code 0', async () => {
  const directory = await atHome();
  expect(await run(['verify', 'night'], { cwd })).toEqual({
    code: 0,
    out: 'night · verified: 5 experiments, 2 kept, 1 dropped, ended\n',
    err: '',
  });
  const { code, out } = await run(['verify', '--json'], { cwd });
  expect([code, JSON.parse(out)]).toEqual([
    0,
    {
      session: 'night',
      tag: 'night',
      startedAt: '2025-11-23T20:00:00.000Z',
      directory,
      verified: true,
      ended: true,
      experiments: { total: 5, kept: 2, discarded: 2, crashed: 1, quarantined: 0, failed: 0, undecided: 0, dropped: 1 },
      inFlight: [],
      notPushed: [],
      findings: [],
    },
  ]);
});

test('what is wrong is a list of at most 80 columns and exit code 1', async () => {
  const directory = await atHome({ ended: false });
  await git(directory, ['update-ref', '-d', candidateRef('night', 2)]);
  await git(directory, ['update-ref', candidateRef('night', 7), keptRef('night')]);
  const { code, out, err } = await run(['verify'], { cwd });
  expect([code, err]).toEqual([1, '']);
  const [head, ...rest] = out.split('\n');
  expect(head).toBe(`night · 1 thing wrong in ${directory} (5 experiments, 2 kept, 1 dropped, 1 in flight, open):`);
  expect(rest).toEqual([
    '- Expected refs/autoresearch/night/2 to be there, because experiment 2 names a',
    '  candidate, got nothing.',
    '',
  ]);
  const json = await run(['verify', '--json'], { cwd });
  expect([json.code, JSON.parse(json.out)]).toMatchObject([
    1,
    { verified: false, findings: [{ check: 'candidates' }] },
  ]);
});

test('a deed that shows in many places is told in some, and wholly as JSON', async () => {
  const directory = await atHome({ ended: false });
  const strangers = Array.from({ length: 25 }, (_, k) => [`stranger-${k}`, 'x'] as const);
  await tamper(directory, 'night', Object.fromEntries(strangers));
  const { out } = await run(['verify'], { cwd });
  expect(out).toMatch(/^night · 25 things wrong in /);
  expect(out.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(21);
  expect(out).toMatch(/\n- … and 5 more; --json lists them all\n$/);
  const { findings } = JSON.parse((await run(['verify', '--json'], { cwd })).out) as { findings: unknown[] };
  expect(findings).toHaveLength(25);
});

test('no file of a ledger can make it crash, nor steer the terminal', async () => {
  const directory = await atHome({ ended: false });
  await tamper(directory, 'night', { [OPENING]: '\u001B[31m{', 'experiments/00/1.json': '', 'a\u001B[2Jb': 'x' });
  const { code, out, err } = await run(['verify', 'night'], { cwd });
  expect([code, err]).toEqual([1, '']);
  expect(out).not.toContain('\u001B');
  expect(out).toContain('- Expected events/0-open.json to be what its place in the ledger says');
});

test('an object of the history that has rotten on the disk is named', async () => {
  const directory = await atHome();
  const object = await git(directory, ['rev-parse', `${ledgerRef('night')}~3`]);
  const path = join(directory, 'objects', object.slice(0, 2), object.slice(2));
  await chmod(path, 0o600);
  await writeFile(path, 'rotten');
  const { code, out, err } = await run(['verify', '--all'], { cwd });
  expect([code, err]).toEqual([1, '']);
  expect(out).toMatch(/^night · 1 thing wrong in .*\n- Expected git to read what it has of night, got: git rev-list /);
  expect(out).toContain(object);
});

test('without a name it takes the newest, with --all every one, and fails when one of them does', async () => {
  await atHome({ tag: 'one' });
  const other = await atHome({ tag: 'two' });
  await tamper(other, 'two', {
    [OPENING]: (await git(other, ['show', `${ledgerRef('two')}:${OPENING}`])).replace('2025-11-23T20', '2025-11-23T19'),
  });
  expect((await run(['verify'], { cwd })).out).toMatch(/^one · verified/);
  const all = await run(['verify', '--all'], { cwd });
  expect(all.code).toBe(1);
  expect(all.out).toMatch(/^one · verified: .*\ntwo · 1 thing wrong in /);
  const json: unknown = JSON.parse((await run(['verify', '--all', '--json'], { cwd })).out);
  expect(json).toMatchObject([
    { session: 'one', verified: true },
    { session: 'two', verified: false },
  ]);
});

test('in a plain clone it fetches what git does not bring along, and reads it there', async () => {
  const { clone, origin, tag } = await newNight();
  await pushRefs({ clone, origin, tag, what: 'all', timeoutSeconds: 60 });
  const plain = join(cwd, 'plain');
  await git(origin, ['clone', '--quiet', origin, plain]);
  expect(await run(['verify'], { cwd: plain })).toMatchObject({ code: 0, err: '' });
  const { code, out, err } = await run(['verify', 'night', '--json'], { cwd: plain });
  expect([code, err, JSON.parse(out)]).toMatchObject([0, '', { directory: plain, verified: true }]);
  await rm(origin, { recursive: true });
  const away = await run(['verify'], { cwd: plain });
  expect([away.code, away.out]).toEqual([0, expect.stringContaining('verified')]);
  expect(away.err).toContain('Could not fetch sessions from origin');
});

test('what is not there is exit 3, and a contradiction is exit 2', async () => {
  expect(await run(['verify'], { cwd })).toMatchObject({ code: 3, out: '' });
  expect(await run(['verify', '--all'], { cwd: await newRepo() })).toMatchObject({ code: 3, out: '' });
  await atHome();
  const missing = await run(['verify', 'nothere'], { cwd });
  expect([missing.code, missing.out]).toEqual([3, '']);
  expect(missing.err).toContain('Expected a session whose ledger is here, got "nothere"');
  expect((await run(['verify', 'night', '--all'], { cwd })).code).toBe(2);
});

test('a home clone that git cannot read is named, and the others are looked at', async () => {
  await atHome();
  await mkdir(join(stateDirectory().repos, 'broken.git', 'refs'), { recursive: true });
  await writeFile(join(stateDirectory().repos, 'stray.git'), '');
  const { code, out, err } = await run(['verify'], { cwd });
  expect([code, out]).toEqual([0, expect.stringContaining('night · verified')]);
  expect(err).toMatch(/^Could not read the sessions in .*broken\.git: .*\n$/);
});

test('--in looks in the clone of that folder alone, also where the home clone is on this machine', async () => {
  await atHome();
  const { clone, origin } = await newNight();
  await pushRefs({ clone, origin, tag: 'night', what: 'all', timeoutSeconds: 30 });
  const plainClone = join(await newFolder(), 'plain');
  await git(cwd, ['clone', '--quiet', origin, plainClone]);
  const whole = await run(['verify', 'night', '--in', plainClone, '--json'], { cwd });
  expect([whole.code, JSON.parse(whole.out)]).toMatchObject([0, { directory: plainClone, verified: true }]);
  // What is wrong there is said, though the one at home is whole.
  await git(origin, ['update-ref', '-d', candidateRef('night', 2)]);
  await git(plainClone, ['update-ref', '-d', candidateRef('night', 2)]);
  const { code, out } = await run(['verify', 'night', '--in', plainClone], { cwd });
  expect([code, out]).toEqual([1, expect.stringContaining(`1 thing wrong in ${plainClone}`)]);
  expect((await run(['verify', 'night'], { cwd })).code).toBe(0);
  expect(await run(['verify', '--in', cwd], { cwd })).toMatchObject({
    code: 2,
    err: expect.stringContaining('to be a git repo'),
  });
});

test('a broken ledger ref at home is no reason to verify another clone in its place', async () => {
  const directory = await atHome();
  const { clone, origin } = await newNight();
  await pushRefs({ clone, origin, tag: 'night', what: 'all', timeoutSeconds: 30 });
  // Nothing else speaks of the session: it had only begun.
  for (const n of [1, 2, 3, 5, 6]) await git(directory, ['update-ref', '-d', candidateRef('night', n)]);
  await writeFile(join(directory, ledgerRef('night')), '12');
  const { code, out } = await run(['verify', 'night'], { cwd: origin });
  expect([code, out.replaceAll(/\s+/g, ' ')]).toEqual([
    1,
    expect.stringContaining(`Expected ${ledgerRef('night')} to name a commit, got something that git cannot read.`),
  ]);
});

test('a ledger that was set back while the session is open is found by the candidates it lacks', async () => {
  const directory = await atHome({ ended: false });
  await git(directory, ['update-ref', ledgerRef('night'), `${ledgerRef('night')}~1`]);
  expect((await run(['verify', 'night'], { cwd })).code).toBe(0); // as if the last record were being written
  await git(directory, ['update-ref', ledgerRef('night'), `${ledgerRef('night')}~3`]);
  await git(directory, ['update-ref', keptRef('night'), candidateRef('night', 1)]);
  const { code, out } = await run(['verify', 'night'], { cwd });
  expect([code, out.replaceAll(/\s+/g, ' ')]).toEqual([
    1,
    expect.stringContaining('Expected at most 2 experiments of night to be in flight, got candidates without a record'),
  ]);
});
