// For the tests that need Temporal: one dev server and one workflow bundle for all of them. The command line comes from
// the default state directory, where it is kept from one test run to the next, and is put on the PATH, so that a test
// with a state directory of its own does not fetch it again.
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import { packageRoot } from '../../src/config.ts';
import { getTemporalBinary } from '../../src/services/temporal-binary.ts';
import { SERVER_SETTINGS } from '../../src/services/temporal-server.ts';

declare module 'vitest' {
  /** What `inject` gives to the tests that need a server. */
  interface ProvidedContext {
    temporalAddress: string;
    /** A file with the bundle of workflows/index.ts, for `workflowBundle: { codePath }`. */
    workflowBundlePath: string;
  }
}

const SETTINGS = [
  ...SERVER_SETTINGS,
  // Instead of 4,096: so that a session of twenty experiments continues as new.
  'limit.historyCount.suggestContinueAsNew=300',
];

/** Starts the shared server and bundles the workflows; the returned function ends them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-shared-'));
  const path = await getTemporalBinary({ say: (text) => process.stderr.write(`${text}\n`) });
  symlinkSync(path, join(folder, 'temporal'));
  process.env['PATH'] = [folder, process.env['PATH']].join(delimiter);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path },
      log: { level: 'error', format: 'pretty' },
      extraArgs: SETTINGS.flatMap((setting) => ['--dynamic-config-value', setting]),
    },
  });
  project.provide('temporalAddress', environment.address);
  project.provide('workflowBundlePath', await bundle(folder));
  return async () => {
    await environment.teardown();
    rmSync(folder, { recursive: true, force: true });
  };
}

async function bundle(folder: string): Promise<string> {
  const workflowsPath = join(packageRoot(), 'workflows', 'index.ts');
  const path = join(folder, 'workflow-bundle.js');
  if (!existsSync(workflowsPath)) return path;
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  writeFileSync(path, code);
  return path;
}
