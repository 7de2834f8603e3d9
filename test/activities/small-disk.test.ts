// A disk that is really full: a small one of its own, mounted where only one child process sees it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newFolder } from '../git/sandbox.ts';

const PRIVATE = ['--user', '--map-root-user', '--mount'];
const MOUNT = 'mount -t tmpfs -o size=64m,mode=0700 tmpfs "$1" && exec "$2" --import tsx "$3" "$1"';
const mounts = spawnSync('unshare', [...PRIVATE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const program = fileURLToPath(new URL('../fixtures/activities/small-disk.ts', import.meta.url));

const said = z.object({
  type: z.string().optional(),
  message: z.string().optional(),
  failure: z.string().nullable().optional(),
  value: z.number().optional(),
  out: z.boolean(),
  share: z.number(),
});

// A disk of its own can be mounted as root, or in a user namespace where the kernel allows that; elsewhere skipped by name.
describe.skipIf(!mounts)('training on a disk of 64 MB (needs mounts in a user namespace)', () => {
  let reports: z.output<typeof said>[];
  let root: string;
  beforeAll(async () => {
    root = await newFolder();
    const { stdout } = await execa('unshare', [...PRIVATE, 'bash', '-c', MOUNT, '', root, process.execPath, program]);
    reports = z.array(said).parse(stdout.split('\n').map((line) => JSON.parse(line) as unknown));
  });

  it('is blocked before it starts when there is no room for it, and says which disk and what to do', () => {
    const [, full] = reports;
    expect(full).toMatchObject({ type: 'Blocked' });
    expect(full?.message).toContain(`The disk of ${root}/trials/night/2/1 is full: `);
    expect(full?.message).toMatch(/kB free, a training needs \d+ kB; make room there .*, then resume\.$/);
  });

  it('has room made for it where something may go, and goes on', () => {
    expect(reports[2]).toMatchObject({ failure: null, out: true });
  });

  it("takes a candidate that fills the disk for the candidate's fault, and gives the room back to the next", () => {
    const [filled, next] = reports.slice(3);
    // Even its last words found no room.
    expect(filled?.failure).toBe('exited with code 1: its log is empty and the disk is full');
    expect(filled).toMatchObject({ out: false });
    expect(filled?.share).toBeLessThan(0.5);
    expect(next).toMatchObject({ failure: null });
  });

  it('is scored on the same output when there is room again, though git did not say what was amiss', () => {
    const [full, scored] = reports.slice(5);
    expect(full).toMatchObject({ type: 'Blocked' });
    expect(full?.message).toMatch(/\/trials is full \(git .*\)\. Make room there, then resume\.$/);
    expect(scored).toMatchObject({ value: 1 });
  });

  it('is blocked, not judged, when others fill the disk while it trains, and trained again', () => {
    for (const first of [7, 10]) {
      const [spoiled, again, scored] = reports.slice(first);
      expect(spoiled).toMatchObject({ type: 'Blocked' });
      expect(spoiled?.message).toContain(' is full: ');
      expect(again).toMatchObject({ failure: null });
      expect(scored).toMatchObject({ value: 1 });
    }
  });

  it('is blocked on a disk that cannot be written to, with the path', () => {
    const [readOnly] = reports.slice(13);
    expect(readOnly).toMatchObject({ type: 'Blocked' });
    expect(readOnly?.message).toMatch(
      /^The file system is read-only \(EROFS: .*\/trials\/night\/7.*Make it writable, then resume\.$/,
    );
  });
});
