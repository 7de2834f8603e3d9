// The workflow code as one bundle. Bundling takes seconds, which a worker that starts often (every kill, every upgrade)
// should not pay: the build makes it, and what runs from the sources keeps it in the state directory by their hash.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Say } from './services/temporal-sources.ts';
import { packageVersion, type StateDirectory } from './config.ts';

const SOURCE = import.meta.url.endsWith('.ts');
const WORKFLOWS = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

const BUILT = new URL('../workflow-bundle.js', import.meta.url);

/** The path of the bundle; made when there is none for these sources. Safe at the same time: written by rename. */
export async function workflowBundle(state: StateDirectory, say: Say = silent): Promise<string> {
  if (!SOURCE) return fileURLToPath(BUILT);
  const folder = join(state.root, 'bundles');
  const path = join(folder, `${hashOfSources()}.js`);
  if (existsSync(path)) return path;
  say('Bundling the workflow code, once for each version (a few seconds) …');
  await mkdir(folder, { recursive: true });
  const making = `${path}.${process.pid}`;
  await bundleWorkflows(making);
  renameSync(making, path);
  return path;
}

/** Bundles the workflows' sources into one file; the package's build calls this too. */
export async function bundleWorkflows(outfile: string): Promise<void> {
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger });
  writeFileSync(outfile, code);
}

const silent = (): void => {};

/** Workflow code and what it may import from us; the package's version stands for its dependencies. */
function hashOfSources(): string {
  const hash = createHash('sha256').update(packageVersion());
  for (const folder of ['../workflows', './domain', '../activities']) {
    const root = fileURLToPath(new URL(`${folder}/`, import.meta.url));
    for (const name of readdirSync(root).toSorted()) {
      if (name.endsWith('.ts') || name.endsWith('.js')) hash.update(`${name}\0`).update(readFileSync(join(root, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
