// The small projects that stand for those of other programs: written here, with the same contracts.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config.ts';
import type { ProjectKind } from '../../src/domain/project.ts';

/** The files of the project for a kind, by path. */
export function projectFiles(kind: ProjectKind): Record<string, string> {
  const folder = join(packageRoot(), 'test/fixtures/projects', kind);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.toSorted().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
