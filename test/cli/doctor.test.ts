import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { diskFinding, doctorLines } from '../../src/cli/doctor.ts';
import { packageRoot, StateDirectoryUnusable } from '../../src/config.ts';
import { fakeServices, run } from './fakes.ts';

const home = process.env['AUTORESEARCH_HOME'];
const root = mkdtempSync(join(tmpdir(), 'autoresearch-doctor-'));
afterEach(() => {
  if (home === undefined) delete process.env['AUTORESEARCH_HOME'];
  else process.env['AUTORESEARCH_HOME'] = home;
  rmSync(root, { recursive: true, force: true });
});

it('shows what sessions take of the disk, the largest first, and counts the rest', async () => {
  process.env['AUTORESEARCH_HOME'] = root;
  for (const [k, session] of ['four', 'three', 'two', 'one'].entries()) {
    mkdirSync(join(root, 'trials', session, '1', '1'), { recursive: true });
    writeFileSync(join(root, 'trials', session, '1', '1', 'train.log'), Buffer.alloc((k + 1) * 1_100_000, 1));
  }
  const { out } = await run(['doctor']);
  const line = out.slice(out.indexOf('ok       sessions')).replaceAll(/\s+/g, ' ');
  expect(line).toMatch(/^ok sessions 11 MB in .*\/trials: one 4 MB, two 3 MB, three 2 MB, and 1 other/);
  expect(Math.max(...out.split('\n').map((one) => one.length))).toBeLessThanOrEqual(80);
});

it('says that nothing is stored where nothing is', async () => {
  process.env['AUTORESEARCH_HOME'] = root;
  expect((await run(['doctor'])).out).toContain('ok       sessions         nothing stored');
});

it('warns of a disk that is nine tenths full, and calls for room where there is too little', () => {
  const disk = { totalBytes: 100e9, freeBytes: 20e9, usedShare: 0.8 };
  expect(diskFinding(disk)).toMatchObject({ ok: true, found: '20.0 GB free, 80 % full' });
  const nearly = diskFinding({ ...disk, freeBytes: 9.5e9, usedShare: 0.905 });
  expect(nearly).toMatchObject({ ok: false, needed: false });
  expect(doctorLines([nearly], 80)).toEqual([
    'warning  disk             9.5 GB free, 90 % full; make room before it is full',
    '                          and blocks sessions',
  ]);
  expect(diskFinding({ ...disk, freeBytes: 1e9, usedShare: 0.99 })).toMatchObject({ ok: false, needed: true });
});

// Only root may make a folder of another user's, or mount a small disk.
it.runIf(process.getuid?.() === 0)("calls a state directory of somebody else's what it is (needs root)", async () => {
  process.env['AUTORESEARCH_HOME'] = root;
  mkdirSync(root, { recursive: true });
  chownSync(root, 65_534, 65_534);
  const { code, out } = await run(['doctor']);
  expect(code).toBe(1);
  expect(out.replaceAll(/\s+/g, ' ')).toMatch(/missing state directory expected .* to belong to you .* user 65534;/);
  expect(readdirSync(root)).toEqual([]);
});

it('says all that it can where the state directory cannot even be read', async () => {
  const { out } = await run(['doctor'], {
    serviceControl: async () => ({
      ...fakeServices(),
      services: () => Promise.reject(new StateDirectoryUnusable('/theirs', 'to belong to you')),
    }),
  });
  expect(out).toMatch(/^ok {7}git /m);
  expect(out).toMatch(/^missing {2}control worker /m);
});

it('names a services.json that is damaged, and leaves it', async () => {
  const problem = 'Expected services.json to be a list of services, got no JSON.';
  const services = async () => ({ embedded: true, processes: [], problems: [problem] });
  const { out } = await run(['doctor'], { serviceControl: async () => ({ ...fakeServices(), services }) });
  expect(out.replaceAll(/\s+/g, ' ')).toContain(
    'missing services Expected services.json to be a list of services, got no JSON; `npx autoresearch up` mends it',
  );
});

const small = 'mount -t tmpfs -o size=64k,mode=0700 tmpfs "$1" && (cat /dev/zero > "$1/fill" || true) 2>/dev/null';
const doctor = ' && exec env AUTORESEARCH_HOME="$1" "$2" "$3" doctor --json';
const PRIVATE = ['--user', '--map-root-user', '--mount'];
const mounts = spawnSync('unshare', [...PRIVATE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

// A small disk can be mounted as root, or in a user namespace where the kernel allows that; elsewhere skipped by name.
it.skipIf(!mounts)('calls a state directory on a full disk what it is (needs mounts in a user namespace)', () => {
  mkdirSync(root, { recursive: true });
  const program = join(packageRoot(), 'bin/autoresearch.js');
  const parameters = [...PRIVATE, 'bash', '-c', small + doctor, '', root, process.execPath, program];
  const { stdout } = spawnSync('unshare', parameters, { encoding: 'utf8' });
  const findings = JSON.parse(stdout) as { name: string; ok: boolean; found: string }[];
  const state = findings.find(({ name }) => name === 'state directory');
  expect(state).toMatchObject({ ok: false, found: expect.stringContaining('got a full disk') });
});
