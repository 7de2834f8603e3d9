// Asks a product's own server, which may be away: no command, because each of them would keep a core busy.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { StatusReport } from '../../src/domain/report.ts';

/** A query that no worker takes would be waited for much longer. */
const ANSWER_MS = 3000;

/** Whether the session has ended. */
export const isOver = async (handle: WorkflowHandle): Promise<boolean> =>
  (await handle.describe()).status.name !== 'RUNNING';

/** Whether a control worker answers for it, and what it tells is so. */
export const isSaying =
  (ready: (status: StatusReport) => boolean) =>
  async (handle: WorkflowHandle): Promise<boolean> =>
    ready(await handle.query<StatusReport>('status'));

const readAddress = (home: string): string | undefined => {
  const file = JSON.parse(readFileSync(join(home, 'services.json'), 'utf8')) as { ports?: { grpc: number } };
  return file.ports && `127.0.0.1:${file.ports.grpc}`;
};

/** Asks the server of a home about a session; false also while there is no server, or no worker for a query. */
export async function askServer(
  home: string,
  session: string,
  ask: (handle: WorkflowHandle) => Promise<boolean>,
): Promise<boolean> {
  const address = readAddress(home);
  if (address === undefined) return false;
  try {
    const connection = await Connection.connect({ address });
    try {
      const { workflow } = new Client({ connection });
      return await connection.withDeadline(Date.now() + ANSWER_MS, () => ask(workflow.getHandle(session)));
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
