// A small file that is made once and never changes: an id, a key, a seed.
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What the file holds; made by `make` at the first call, readable by its owner alone. Written aside, then linked: of two
 * processes at once one wins, both read that one, and neither ever reads half a file.
 */
export function writeOnce(path: string, make: () => string | Buffer): Buffer {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const mine = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
    writeFileSync(mine, make(), { mode: 0o600 });
    try {
      linkSync(mine, path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    } finally {
      rmSync(mine, { force: true });
    }
  }
  return readFileSync(path);
}
