// A Temporal server for one measurement: as the product starts its own, in a state directory that ends with it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareStateDirectory, stateDirectory } from '../src/config.ts';
import { stopProcess } from '../src/services/background-process.ts';
import type { ServiceEntry } from '../src/services/services-file.ts';
import { ensureServer, SERVER_GRACE_MS } from '../src/services/temporal-server.ts';
import { removeFolder } from '../src/trainer/data-folder.ts';
import { workflowBundle } from '../src/workflow-bundle.ts';
import { closing } from './closing.ts';
import { pathWithTemporal } from './environment.ts';
import type { Bench } from './part.ts';

/** Where a fake world connects, and what its workers run. */
export interface Place {
  readonly address: string;
  readonly workflowBundlePath: string;
}

/** Runs `act` beside a fresh server. */
export async function withOwnServer<T>(bench: Bench, act: (place: Place) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'autoresearch-bench-'));
  const directory = prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: root }));
  let server: ServiceEntry | undefined;
  const close = closing(async () => {
    if (server !== undefined) await stopProcess(server, SERVER_GRACE_MS);
    await removeFolder(root);
  });
  try {
    process.env['PATH'] = await pathWithTemporal(bench.say);
    const { ports } = await ensureServer(directory, { format: 1, processes: [] }, bench.say, ({ entry }) => {
      server = entry;
    });
    return await act({
      address: `127.0.0.1:${ports.grpc}`,
      workflowBundlePath: await bench.during('bundling the workflows', () => workflowBundle(directory)),
    });
  } finally {
    await close();
  }
}
