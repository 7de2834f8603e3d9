// A dev server of one's own, in memory, for what the shared one (global-setup.ts) is not set up for: sessions that
// continue as new sooner. A plain process: Temporal's own test server would hold the runtime that a fake world installs.
import { createServer } from 'node:net';
import { Connection } from '@temporalio/client';
import { execa } from 'execa';
import { getTemporalBinary } from '../../src/services/temporal-binary.ts';
import { SERVER_SETTINGS } from '../../src/services/temporal-server.ts';
import { until } from './until.ts';

/** A running server and how to end it. */
export interface ShortRunServer {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** Starts a server that suggests continue-as-new once a run's history has so many events (a real one: 4,096). */
export async function startShortRunServer(suggestContinueAsNewAt: number): Promise<ShortRunServer> {
  const binary = await getTemporalBinary({ say: (text) => process.stderr.write(`${text}\n`) });
  const port = String(await freePort());
  const place = ['--headless', '--ip', '127.0.0.1', '--port', port, '--log-level', 'error'];
  const settings = [...SERVER_SETTINGS, `limit.historyCount.suggestContinueAsNew=${suggestContinueAsNewAt}`];
  const dynamic = settings.flatMap((setting) => ['--dynamic-config-value', setting]);
  const options = { reject: false, stdin: 'ignore', stdout: 'ignore' } as const;
  const server = execa(binary, ['server', 'start-dev', ...place, ...dynamic], options);
  const address = `127.0.0.1:${port}`;
  await until(async () => {
    if (server.exitCode !== null) throw new Error(`Expected a Temporal server, got: ${(await server).stderr}`);
    return isReady(address);
  });
  return {
    address,
    stop: async () => {
      server.kill();
      await server;
    },
  };
}

async function isReady(address: string): Promise<boolean> {
  const connection = Connection.lazy({ address });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return true;
  } catch {
    return false; // not yet
  } finally {
    await connection.close();
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
