// Builds dist/: the compiled sources, and as one file each the supervisor of trainings, because it is started for every
// trial and must be up within a tenth of a second, and the workflows, because a worker needs them in that form. Types are
// checked elsewhere (`npm run check`).
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';
import { MARKER } from './built.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const GATE = join('src', 'proposer', 'gate');
const startedAt = Date.now();
// Made beside dist/ and moved there at the end: workers run from dist/, and another build may be under way.
const making = mkdtempSync(join(root, 'dist.'));
try {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const how = [compiler, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', making];
  const { status } = spawnSync(process.execPath, how, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`Expected the compiler to succeed, got exit ${status}; its words stand above.`);
  // What is no TypeScript and stands beside it: the program that reads candidates' Python.
  cpSync(join(root, GATE), join(making, GATE), { recursive: true, filter: (path) => !/__pycache__|\.ts$/.test(path) });
  register();
  const { bundleSupervisor } = await import('../src/trainer/supervisor-program.ts');
  await bundleSupervisor(join(making, 'supervisor.mjs'));
  const { bundleWorkflows } = await import('../src/workflow-bundle.ts');
  await bundleWorkflows(join(making, 'workflow-bundle.js'));
  writeFileSync(join(making, MARKER), String(startedAt));
  replace(join(root, 'dist'), making);
} finally {
  rmSync(making, { recursive: true, force: true });
}

function replace(dist, by) {
  const old = `${by}.old`;
  try {
    renameSync(dist, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // the first build
  }
  try {
    renameSync(by, dist);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY') throw error; // another build was faster, and is as good
  }
  rmSync(old, { recursive: true, force: true });
}
