import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { NoServer } from './client.ts';

/** How long a worker waits for the server that it was started beside. */
const SERVER_PATIENCE_MS = 60_000;
/** A server that comes up beside its worker is there by then. */
const SILENT_MS = 2000;
const CONNECT_PAUSE_MS = 50;

/** Where to connect, how long to try, and to whom it is said, once, that this takes longer. */
export interface WorkerConnection {
  readonly options: NativeConnectionOptions & { readonly address: string };
  readonly say: (text: string) => void;
  readonly patienceMs?: number;
  readonly silentMs?: number;
}

/** Connects as soon as a server answers: after a reboot, or by `up`, workers are started beside it. Throws `NoServer`. */
export async function connectWorker(wanted: WorkerConnection): Promise<NativeConnection> {
  const { options, say, patienceMs = SERVER_PATIENCE_MS, silentMs = SILENT_MS } = wanted;
  const { address } = options;
  const startedAt = Date.now();
  let said = false;
  for (;;) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      const waited = Date.now() - startedAt;
      if (waited > patienceMs)
        throw new NoServer(
          `Expected a Temporal server at ${address}, got no answer within ${Math.round(patienceMs / 1000)} s; \`npx autoresearch up\` starts one, or set TEMPORAL_ADDRESS to yours.`,
          { cause: error },
        );
      if (!said && waited >= silentMs) say(`waiting for a Temporal server at ${address}`);
      said ||= waited >= silentMs;
      await sleep(CONNECT_PAUSE_MS);
    }
  }
}
