import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * The hash of what a training wrote, by path and bytes. Its writer is not trusted: only plain files are read, no link is
 * followed, and of anything else only its path counts.
 */
export async function hashOutput(folder: string): Promise<string> {
  const whole = createHash('sha256');
  const names = (await readdir(folder, { recursive: true })).toSorted();
  for (const name of names) {
    const path = join(folder, name);
    whole.update(`${name}\0`);
    if ((await lstat(path)).isFile()) await pipeline(createReadStream(path), whole, { end: false });
    whole.update('\n');
  }
  return whole.digest('hex');
}
