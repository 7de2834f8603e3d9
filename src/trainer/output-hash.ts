import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** More entries than any model has files; who writes more is not looked at further. */
const MOST_ENTRIES = 1000;

/**
 * The hash of what a training wrote, by path and bytes; undefined where it wrote no plain file. Its writer is not trusted:
 * no link is followed, nothing but plain files is read, and what cannot be read counts by its path alone.
 */
export async function hashOutput(folder: string): Promise<string | undefined> {
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
      await pipeline(createReadStream(join(folder, path)), whole, { end: false }).catch(() => undefined);
    }
  };
  await walk('');
  return files === 0 ? undefined : whole.digest('hex');
}
