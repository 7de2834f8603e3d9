// What a training left, as one hash: by its bytes, or by when it was last written to. Its writer is not trusted: no link is
// followed, nothing but plain files is read, and what cannot be read counts by its path alone.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** More entries than any model has files; who writes more is not looked at further. */
const MOST_ENTRIES = 1000;

/** The hash of what a training wrote, by path and bytes; undefined where it wrote no plain file. */
export async function hashOutput(folder: string): Promise<string | undefined> {
  const { hash, files } = await digest(folder, (path, whole) =>
    pipeline(createReadStream(path), whole, { end: false }).catch(() => undefined),
  );
  return files === 0 ? undefined : hash;
}

/**
 * The hash of every file's path, size and times. Who writes to one changes it: the time at which an inode was changed is
 * the kernel's to set, and nobody else's.
 */
export async function stampOutput(folder: string): Promise<string> {
  const { hash } = await digest(folder, async (path, whole) => {
    const found = await lstat(path, { bigint: true }).catch(() => undefined);
    if (found !== undefined) whole.update(`${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}\0`);
  });
  return hash;
}

async function digest(
  folder: string,
  add: (path: string, whole: Hash) => Promise<void>,
): Promise<{ readonly hash: string; readonly files: number }> {
  const whole = createHash('sha256');
  let entries = 0;
  let files = 0;
  const walk = async (at: string): Promise<void> => {
    const found = await readdir(join(folder, at), { withFileTypes: true }).catch(() => []);
    for (const entry of found.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      if (++entries > MOST_ENTRIES) return;
      const path = join(at, entry.name);
      whole.update(`${path}\0`);
      if (entry.isDirectory()) await walk(path);
      if (!entry.isFile()) continue;
      files++;
      await add(join(folder, path), whole);
    }
  };
  await walk('');
  return { hash: whole.digest('hex'), files };
}
