// The package as a person installs it, for parts that measure a command: built, without sources.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../src/config.ts';
import { closing } from './closing.ts';

/** The package as its tarball installs it: what was built, without sources; the node packages are this clone's. */
export async function buildPackage(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = mkdtempSync(join(tmpdir(), 'autoresearch-bench-package-'));
  const remove = closing(async () => rmSync(path, { recursive: true, force: true }));
  const sources = ['src', 'workflows', 'activities', 'tsconfig.json', 'tsconfig.build.json'];
  for (const name of [...sources, 'bin', 'tasks', 'package.json']) {
    cpSync(join(packageRoot(), name), join(path, name), { recursive: true });
  }
  symlinkSync(join(packageRoot(), 'node_modules'), join(path, 'node_modules'));
  await execa('node', ['bin/build.mjs'], { cwd: path });
  for (const name of sources) rmSync(join(path, name), { recursive: true });
  return { path, remove };
}
