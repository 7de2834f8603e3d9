// Which ports the embedded server may take.
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The ports of an embedded server: gRPC for workers and clients, the web UI, and plain HTTP for scripts. */
export type Ports = { readonly grpc: number; readonly ui: number; readonly http: number };

const FIRST_GRPC_PORT = 7233; // the ports that Temporal's documentation and tools expect
const FIRST_UI_PORT = 8233;
const PAIRS_TO_TRY = 500;
const GIVEN_BACK_MS = 3_000; // a killed server's ports stay taken for a moment after it counts as dead
const POLL_MS = 50;

/** Whether nothing listens on this port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  return (await listenOn(port)) !== undefined;
}

/** Ports that are free now: the remembered ones if all are, else the next free pair and a random HTTP port. */
export async function choosePorts(remembered?: Ports): Promise<Ports> {
  if (remembered !== undefined) {
    const { grpc, ui, http } = remembered;
    const deadline = Date.now() + GIVEN_BACK_MS;
    do {
      if ((await isFree(grpc)) && (await isFree(ui)))
        return { grpc, ui, http: (await isFree(http)) ? http : await randomPort() };
      await delay(POLL_MS);
    } while (Date.now() < deadline);
  }
  for (let k = 0; k < PAIRS_TO_TRY; k += 1) {
    const pair = { grpc: FIRST_GRPC_PORT + k, ui: FIRST_UI_PORT + k };
    if ((await isFree(pair.grpc)) && (await isFree(pair.ui))) return { ...pair, http: await randomPort() };
  }
  throw new Error(
    `Expected a free pair of ports from ${FIRST_GRPC_PORT} and ${FIRST_UI_PORT} on, got ${PAIRS_TO_TRY} that are taken; end what listens there, or set TEMPORAL_ADDRESS.`,
  );
}

async function randomPort(): Promise<number> {
  const port = await listenOn(0);
  if (port === undefined)
    throw new Error('Expected 127.0.0.1 to have a free port, got none; look at the network settings.');
  return port;
}

async function listenOn(port: number): Promise<number | undefined> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
