// Which code a background worker runs, so that workers of an older checkout are replaced and not trusted.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot, packageVersion } from '../config.ts';

/** The package's version and a fingerprint (path, size, time) of the files that a worker loads. A few milliseconds. */
export function codeVersion(root = packageRoot()): string {
  const hash = createHash('sha256');
  const folders = existsSync(join(root, 'src')) ? ['src', 'workflows', 'activities', 'tasks'] : ['dist', 'tasks'];
  for (const folder of folders) {
    for (const path of filesIn(join(root, folder))) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path} ${size} ${mtimeMs}\n`);
    }
  }
  return `${packageVersion()}+${hash.digest('hex').slice(0, 12)}`;
}

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
