import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { NoServer } from '../src/client.ts';
import { connectWorker } from '../src/connect-worker.ts';

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (at === null || typeof at === 'string') throw new Error('Expected a port.');
  return at.port;
}

it('says once that it waits for a server, then gives up naming the address', async () => {
  const address = `127.0.0.1:${await closedPort()}`;
  const said: string[] = [];
  const connecting = connectWorker({
    options: { address },
    say: (text) => said.push(text),
    patienceMs: 3000,
    silentMs: 0,
  });
  const error: unknown = await connecting.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NoServer);
  expect(String(error)).toContain(`Expected a Temporal server at ${address}, got no answer`);
  expect(said).toEqual([`waiting for a Temporal server at ${address}`]);
});
