// A worker belongs to one server, not to an address: when an embedded server has died and another state directory's
// server has taken its port, a worker that went on there would do a stranger's work, and kill its own trainings as
// unknown.
import type { NativeConnection } from '@temporalio/worker';

const LOOK_MS = 2000;

/** The server that a worker started with. */
export interface ServerIdentity {
  /** Whether the server that answers now is that one; false also while none answers. */
  readonly isSame: () => Promise<boolean>;
  /** Calls `leave` once, when another server answers. */
  readonly watch: (leave: () => void) => void;
  readonly stop: () => void;
}

/** Remembers who answers now. Every server gives each of its namespaces an id of its own. */
export async function rememberServer(connection: NativeConnection, namespace: string): Promise<ServerIdentity> {
  const describe = () => connection.workflowService.describeNamespace({ namespace });
  const ask = async (): Promise<string | null> => {
    const answer = await connection.withDeadline(Date.now() + LOOK_MS, describe).catch(() => null);
    return answer?.namespaceInfo?.id ?? null;
  };
  const own = await ask();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (leave: () => void): Promise<void> => {
    const now = await ask();
    if (stopped) return;
    if (now === null || now === own) timer = setTimeout(() => void look(leave), LOOK_MS);
    else leave();
  };
  return {
    isSame: async () => own !== null && (await ask()) === own,
    watch: (leave) => {
      timer = setTimeout(() => void look(leave), LOOK_MS);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
