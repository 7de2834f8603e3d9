// Two real servers after one another on one port: what happens when a server dies and another home's takes its place.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, expect, it } from 'vitest';
import { rememberServer } from '../../src/server-identity.ts';
import { getTemporalBinary } from '../../src/services/temporal-binary.ts';
import { until } from '../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'autoresearch-identity-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const serve = async (port?: number, name = 'own.db'): Promise<TestWorkflowEnvironment> =>
  TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: await getTemporalBinary() },
      dbFilename: join(folder, name),
      ...(port === undefined ? {} : { port }),
    },
  });

it('knows its own server again after a restart, and leaves when another one answers at its address', async () => {
  const first = await serve();
  const port = Number(first.address.split(':')[1]);
  const connection = await NativeConnection.connect({ address: first.address });
  const server = await rememberServer(connection, 'default');
  let left = false;
  server.watch(() => {
    left = true;
  });
  expect(await server.isSame()).toBe(true);
  await first.teardown();
  expect(await server.isSame()).toBe(false);
  const again = await serve(port);
  await until(() => server.isSame());
  expect(left).toBe(false);
  await again.teardown();
  const other = await serve(port, 'other.db');
  await until(() => left);
  expect(await server.isSame()).toBe(false);
  server.stop();
  await connection.close();
  await other.teardown();
});
