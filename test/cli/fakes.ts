// A command line without a machine around it: captured output, a clock that stands still, and a feed and services that
// answer as a test wants.
import { main } from '../../src/cli/main.ts';
import type { ServiceControl, World } from '../../src/cli/world.ts';
import type { SessionClient } from '../../src/client.ts';
import type { Feed } from '../../src/feed.ts';
import type { FoundLedger } from '../../src/ledgers.ts';
import { NOW, OPEN, VIEW, ledger, record } from './samples.ts';

const only = async <T>(session: string, answer: T): Promise<T> => {
  if (session !== VIEW.session) throw named('UnknownSession', `no ${session}`);
  return answer;
};

/** A feed that knows one session and has no server; a test replaces what it is about. */
export function fakeFeed(more: Partial<Feed> = {}, experiments = [record(12)]): Feed {
  const found: FoundLedger = { directory: '/clone', repo: VIEW.repo, open: OPEN, ledger: ledger(experiments) };
  return {
    client: null,
    close: async () => {},
    resolve: async (session) => session ?? VIEW.session,
    sessions: async () => [],
    view: (session) => only(session, { source: 'git', view: { ...VIEW, status: 'interrupted' }, live: null }),
    records: (session) => only(session, experiments),
    ledger: async (session) => (session === VIEW.session ? found : null),
    diff: async () => '-LEARNING_RATE = 0.001\n+LEARNING_RATE = 0.0023\n',
    lastTrial: async () => null,
    trialLog: async () => 'step 1\rstep 2\ndone\n',
    ...more,
  };
}

/** An error as its class would make it; commands know errors of the client by name. */
export const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

const unasked = async (): Promise<never> => {
  throw new Error('Expected not to be asked.');
};

/** A server's client that answers only what a test says. */
export function fakeClient(more: Partial<SessionClient>): SessionClient {
  return {
    address: 'localhost:1',
    close: async () => {},
    start: unasked,
    best: unasked,
    status: unasked,
    experiments: unasked,
    update: unasked,
    stopLater: unasked,
    list: unasked,
    outcome: unasked,
    forget: unasked,
    progress: async () => [],
    ...more,
  };
}

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command in a fake world. */
export async function run(argv: readonly string[], more: Partial<World> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await main(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    terminal: false,
    colour: false,
    errColour: false,
    size: () => ({ columns: 80, rows: 24 }),
    cwd: process.cwd(),
    now: () => NOW,
    sleep: async () => {},
    openFeed: async () => fakeFeed(),
    serviceControl: async () => fakeServices(),
    ask: async () => null,
    onInterrupt: () => () => {},
    ...more,
  });
  return { code, out, err };
}

/** Services that run nothing and remember what was asked of them. */
export function fakeServices(asked: string[] = []): ServiceControl {
  const nothing = { embedded: true, processes: [] };
  return {
    checkMachine: async () => {},
    bootstrap: async () => (asked.push('bootstrap'), nothing),
    up: async () => (asked.push('up'), nothing),
    down: async () => (asked.push('down'), []),
    services: async () => nothing,
  };
}
