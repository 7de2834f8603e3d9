// A disk that fills in the middle of a git verb, at each of its writes in turn.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newFolder, newRepo } from '../git/sandbox.ts';
import { taskFile } from './workshop.ts';

const PRIVATE = ['--user', '--map-root-user', '--mount'];
const MOUNT = 'mount -t tmpfs -o size=16m,mode=0700 tmpfs "$1" && exec "$2" --import tsx "$3" "$1" "$4"';
const mounts = spawnSync('unshare', [...PRIVATE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const program = fileURLToPath(new URL('../fixtures/activities/full-git.ts', import.meta.url));

const report = z.object({
  verb: z.string(),
  failures: z.array(z.object({ type: z.string(), message: z.string() })),
  findings: z.array(z.unknown()),
  answer: z.unknown(),
});

// A disk of its own can be mounted as root, or in a user namespace where the kernel allows that; elsewhere skipped by name.
describe.skipIf(!mounts)('git verbs on a disk that fills (needs mounts in a user namespace)', () => {
  let reports: z.output<typeof report>[];
  beforeAll(async () => {
    const [root, repo] = [
      await newFolder(),
      await newRepo({ 'train.py': 'RATE = 0.1\n', 'autoresearch.yaml': taskFile('true') }),
    ];
    const command = ['bash', '-c', MOUNT, '', root, process.execPath, program, repo];
    const { stdout } = await execa('unshare', [...PRIVATE, ...command]);
    reports = z.array(report).parse(stdout.split('\n').map((line) => JSON.parse(line) as unknown));
  }, 120_000);

  it('are blocked with a sentence at whichever write it is, and do their work once there is room', () => {
    expect(reports.map(({ verb }) => verb)).toEqual([
      'open',
      'record',
      'propose',
      'commit',
      'propose',
      'revert',
      'record',
    ]);
    for (const { failures } of reports) expect(failures.length).toBeGreaterThan(1);
    const failures = reports.flatMap((one) => one.failures);
    for (const { type, message } of failures) {
      expect({ type, message }).toEqual({ type: 'Blocked', message: expect.stringMatching(/The disk .* full/) });
      expect(message).toMatch(/Make room there, then resume\.$/);
    }
    expect(reports[3]?.answer).toMatchObject({ kind: 'committed' });
  });

  it('leave nothing half-written behind', () => {
    expect(reports.flatMap(({ findings }) => findings)).toEqual([]);
  });
});
