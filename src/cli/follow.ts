// Follows a session to its end: looks twice a second, draws on a terminal, tells one line per event on a pipe, or one
// JSON object per event to a program.
// A server that goes away ends nothing: the feed is opened again until it answers.
import { setTimeout as delay } from 'node:timers/promises';
import type { ExperimentLine } from '../domain/report.ts';
import { lineOf, viewOf } from '../domain/view.ts';
import type { Feed } from '../feed.ts';
import { needServer, say, widthOf, type Cli } from './cli.ts';
import { NOTHING, firstMissed, tell, type News, type Told } from './events.ts';
import { EXIT } from './exit.ts';
import { createScreen } from './screen.ts';
import { hasEnded, look, type Snapshot } from './snapshot.ts';
import { ENDED_OUTSIDE } from './warnings.ts';
import { viewLines, type Line } from './view.ts';

/** Short enough to look alive, long enough that following costs the server nothing. */
const POLL_MS = 500;

/** After this long without a picture people are told what is waited for. */
const PATIENCE_MS = 2000;

/** After this long without an answer git is asked: a control worker that has just started takes a moment. */
const EARLY_MS = 500;

/** Shows snapshots in one of these ways. */
interface Show {
  readonly show: (snapshot: Snapshot, feed: Feed) => Promise<void>;
  readonly close: () => void;
}

/** Follows a session until it ends or the person leaves; then says how to come back, or ends with what became of it. */
export async function follow(cli: Cli, session: string, { json = false } = {}): Promise<void> {
  const left = new AbortController();
  const forget = cli.onInterrupt(() => left.abort());
  const shown = json ? asEvents(cli, asJson) : cli.terminal ? onScreen(cli) : asEvents(cli, ({ line }) => line);
  let last: Snapshot | null = null;
  try {
    for await (const [snapshot, feed] of snapshots(cli, session, left.signal)) {
      await shown.show(snapshot, feed);
      last = snapshot;
    }
  } finally {
    shown.close();
    forget();
  }
  if (last !== null && hasEnded(last)) return sayEnd(cli, last);
  // A terminal shows ^C where the person pressed it.
  const fresh = cli.terminal ? '\n' : '';
  say(cli, `${fresh}The session goes on without this view. Come back with:\n  npx autoresearch watch ${session}`);
}

async function* snapshots(cli: Cli, session: string, left: AbortSignal): AsyncGenerator<[Snapshot, Feed]> {
  const leaving = new Promise<null>((resolve) => left.addEventListener('abort', () => resolve(null), { once: true }));
  let feed = await cli.openFeed();
  const waits = setTimeout(() => say(cli, `Waiting for ${session} to answer …`), PATIENCE_MS);
  try {
    for (let first = true; !left.aborted; first = false) {
      const looking = look(feed, session, cli.now());
      looking.catch(() => {}); // of no interest once the person has left, who waits for no answer
      const early = first ? await remembered(feed, session, { looking, at: cli.now() }) : null;
      if (early !== null) {
        clearTimeout(waits);
        yield [early, feed];
      }
      const snapshot = await Promise.race([looking, leaving]);
      clearTimeout(waits);
      if (snapshot === null) return;
      if (first && !hasEnded(snapshot)) await needServer(feed);
      yield [snapshot, feed];
      if (hasEnded(snapshot)) return;
      await cli.sleep(POLL_MS, left);
      if (snapshot.live !== null) continue;
      await feed.close();
      feed = await cli.openFeed();
    }
  } finally {
    clearTimeout(waits);
    await feed.close();
  }
}

/** What git has of a session whose worker lets the first picture wait; null where that comes soon enough. */
async function remembered(
  feed: Feed,
  session: string,
  { looking, at }: { readonly looking: Promise<Snapshot>; readonly at: number },
): Promise<Snapshot | null> {
  const soon = looking.then(
    () => true,
    () => true,
  );
  if (feed.client === null || (await Promise.race([soon, delay(EARLY_MS, false, { ref: false })]))) return null;
  const found = await feed.ledger(session).catch(() => null);
  const view = found && viewOf(found.ledger, found.repo);
  if (view?.status !== 'interrupted') return null; // it has ended, or has hardly begun
  return {
    session,
    at,
    view: { ...view, status: 'waking' },
    live: null,
    pending: [],
    server: true,
    outcome: null,
    silence: null,
  };
}

function onScreen(cli: Cli): Show {
  const screen = createScreen(cli);
  const leave: Line = { text: 'Ctrl-C leaves this view; the session goes on.', tone: 'dim' };
  return {
    show: async (snapshot) => {
      const lines = viewLines(snapshot, widthOf(cli) - 1);
      screen.draw(hasEnded(snapshot) ? lines : [...lines, leave]);
    },
    close: screen.close,
  };
}

/** One event in one line of JSON. */
const asJson = ({ data: { event, ...facts } }: News, { session, at }: Snapshot): string =>
  JSON.stringify({ event, session, at: new Date(at).toISOString(), ...facts });

function asEvents(cli: Cli, inOneLine: (news: News, snapshot: Snapshot) => string): Show {
  let told = NOTHING;
  return {
    show: async (snapshot, feed) => {
      const [events, now] = tell(told, snapshot, await missedEnds(told, snapshot, feed));
      told = now;
      for (const news of events) cli.out(`${inOneLine(news, snapshot)}\n`);
    },
    close: () => {},
  };
}

/** Ends that nobody was told of and that the snapshot's short list leaves out: as the ledger has them, if it is here. */
async function missedEnds(told: Told, { session, view }: Snapshot, feed: Feed): Promise<ExperimentLine[]> {
  const from = view === null ? null : firstMissed(told, view);
  if (from === null) return [];
  const oldest = view?.last[0]?.experiment ?? 0;
  const found = await feed.ledger(session);
  const records = found?.ledger.experiments ?? [];
  return records.filter(({ experiment }) => experiment >= from && experiment < oldest).map(lineOf);
}

function sayEnd(cli: Cli, { session, view, outcome }: Snapshot): void {
  const failed = view?.status === 'failed' || (view?.status !== 'done' && outcome?.outcome !== 'completed');
  if (failed) {
    say(
      cli,
      `${session} ended ${outcome?.outcome ?? 'failed'}: ${outcome?.failure ?? view?.reason ?? (outcome?.outcome === 'failed' ? 'no reason given' : ENDED_OUTSIDE)}`,
    );
    return cli.endWith(outcome?.isMistake === true ? EXIT.badInput : EXIT.failure);
  }
  const ways = ['best', 'results'].map((verb) => `\n  npx autoresearch ${verb} ${session}`);
  say(cli, `${session} is done. Look at it with:${ways.join('')}`);
}
