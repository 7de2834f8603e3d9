// Whether dist/ is what the sources say. Plain JavaScript loads in half the time that the TypeScript loader takes, so a
// clone runs what was built while that is current, and its sources themselves after an edit.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Relative to dist/: when its build began, in milliseconds since 1970. Written last. */
export const MARKER = 'built-at';

/** What a build depends on. */
const SOURCES = ['src', 'workflows', 'activities', 'bin', 'tsconfig.json', 'tsconfig.build.json'];

/** Whether dist/ in `root` was built after the last change of every source. Takes a few milliseconds. */
export function isBuilt(root) {
  try {
    const builtAt = Number(readFileSync(join(root, 'dist', MARKER), 'utf8'));
    return SOURCES.every((name) => lastChange(join(root, name)) < builtAt);
  } catch {
    return false; // never built, or sources come and go just now
  }
}

/** The time of change and not of modification: the latter can be set, and copies keep it. A folder's knows of removals. */
function lastChange(path) {
  const { ctimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return ctimeMs;
  const within = readdirSync(path, { withFileTypes: true, recursive: true });
  return Math.max(ctimeMs, ...within.map((entry) => statSync(join(entry.parentPath, entry.name)).ctimeMs));
}
