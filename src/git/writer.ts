// One writer at a time per home clone. The lock is a `flock` on an open descriptor: it dies with its holder, or, when
// the holder is killed while a git of its is still writing, with that git, which inherits the descriptor. So whoever
// holds the lock knows that every `*.lock` and every half-written pack in the clone was left behind by the dead, or by a
// disk that was full, and removes it.
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { collect } from './collect.ts';
import { gitEnvironment } from './git.ts';

/** The right to write in a home clone; `lock` is handed to each git that writes. */
export interface Writer {
  readonly clone: string;
  readonly lock: number;
}

const queues = new Map<string, Promise<unknown>>();

/** Runs `work` as the only writer of `clone`, in this process and on this machine. Not reentrant. */
export async function withWriter<Result>(clone: string, work: (writer: Writer) => Promise<Result>): Promise<Result> {
  const before = queues.get(clone) ?? Promise.resolve();
  const turn = before.then(() => lockAndRun(clone, work));
  const settled = turn.catch(() => undefined); // the next in the queue does not care how this one ended
  queues.set(clone, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(clone) === settled) queues.delete(clone);
  }
}

async function lockAndRun<Result>(clone: string, work: (writer: Writer) => Promise<Result>): Promise<Result> {
  await mkdir(dirname(clone), { recursive: true });
  // Beside the clone, not in it: the clone itself is made under this lock. Not named `.lock`, or we would remove it.
  const handle = await open(`${clone}.writer`, 'a');
  try {
    await lockDescriptor(handle.fd);
    await removeLeftovers(clone);
    return await work({ clone, lock: handle.fd });
  } finally {
    await handle.close();
  }
}

/** The lock belongs to the open file, which the child shares with us: the child ends, the lock stays. */
async function lockDescriptor(descriptor: number): Promise<void> {
  const options = { env: gitEnvironment(), descriptor };
  const flock = await collect('flock', ['-x', '3'], options);
  if (flock.exitCode === 0) return;
  // macOS has no flock command, but Perl, which git itself needs.
  const program = 'use Fcntl ":flock"; open(F, ">>&=", 3) && flock(F, LOCK_EX) or die $!';
  const perl = await collect('perl', ['-e', program], options);
  if (perl.exitCode === 0) return;
  throw new Error(
    `Expected flock or perl to take the writer lock, got ${flock.problem ?? flock.stderr} and ${perl.problem ?? perl.stderr}.`,
  );
}

// Where git keeps lock files of a bare clone: at its top, beside refs, and in objects/info. One has another name.
// fast-import says at the top why it failed; packs are written under names that begin with tmp_.
async function removeLeftovers(clone: string): Promise<void> {
  const objects = join(clone, 'objects');
  const [top, refs, info, packs] = await Promise.all([
    list(clone, false),
    list(join(clone, 'refs'), true),
    list(join(objects, 'info'), true),
    list(join(objects, 'pack'), false),
  ]);
  const stale = [
    ...[...top, ...refs, ...info].filter((path) => path.endsWith('.lock')),
    ...top.filter((path) => ['packed-refs.new', 'fast_import_crash_'].some((name) => basename(path).startsWith(name))),
    ...packs.filter((path) => basename(path).startsWith('tmp_')),
  ];
  await Promise.all(stale.map((path) => rm(path, { force: true })));
}

async function list(folder: string, recursive: boolean): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive })).map((name) => join(folder, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
