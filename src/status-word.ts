import type { SessionClient } from './client.ts';
import type { ListedSession } from './session-workflow.ts';

/** The status word of an open session, as a list shows it; `isKnown`: git has its ledger. */
export async function statusWord(
  client: Pick<SessionClient, 'status'>,
  { session, status }: Pick<ListedSession, 'session' | 'status'>,
  isKnown: boolean,
): Promise<string> {
  if (status !== null) return status;
  // Until `open` has answered, or where the server lacks the attribute, nobody can search for it; it knows it itself.
  const live = await client.status(session).catch(() => null); // a query needs a worker, and a list needs none
  return live?.status ?? (isKnown ? 'running' : 'opening');
}
