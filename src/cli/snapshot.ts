import type { SessionClient } from '../client.ts';
import type { Beat, Progress } from '../session-workflow.ts';
import type { RunningTrial, SessionView, StatusReport } from '../domain/report.ts';
import type { Feed } from '../feed.ts';
import { isBug } from './trouble.ts';

/** How a session's workflow stands on the server. */
export type Outcome = Awaited<ReturnType<SessionClient['outcome']>>;

/** Everything that the views show, at one moment. */
export interface Snapshot {
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Null while neither server nor git can say anything about it yet. */
  readonly view: SessionView | null;
  /** Null unless the running workflow answered. */
  readonly live: StatusReport | null;
  /** Activities that run or wait. */
  readonly pending: readonly Progress[];
  /** Whether a server answers. */
  readonly server: boolean;
  /** Where the person's own server should be. */
  readonly theirs?: string;
  /** Null where the server knows no such session, or was not asked. */
  readonly outcome: Outcome | null;
  /** Why a session that the server has did not answer, where that is more than an absent worker. */
  readonly silence: string | null;
}

/** Looks at a session once, through whoever can answer. Throws `UnknownSession` when nobody knows it. */
export async function look(feed: Feed, session: string, at: number): Promise<Snapshot> {
  const found = await feed.view(session).catch(silenceOf);
  const asked = found instanceof Error ? null : found;
  const { client } = feed;
  const live = asked?.live ?? null;
  const outcome =
    client !== null && (live === null || live.status === 'failed') ? await orNull(client.outcome(session)) : null;
  // Without a session on the server, silence is an answer: unknown, or a trouble that waiting will not mend.
  if (found instanceof Error && outcome === null) throw found;
  const open = live !== null && live.status !== 'done' && live.status !== 'failed';
  const pending = client !== null && open ? await client.progress(session).catch(() => []) : [];
  const silence = found instanceof Error && found.name !== NO_ANSWER ? found.message : null;
  const server = client !== null;
  const theirs = feed.theirs === undefined ? {} : { theirs: feed.theirs };
  const view = asked === null ? null : live === null ? goesOn(asked.view, outcome) : asked.view;
  return { session, at, view, live, pending, server, ...theirs, outcome, silence };
}

/** Git may have the end that a session goes on from: whether it does, and what became of that, the server knows. */
function goesOn(view: SessionView, outcome: Outcome | null): SessionView {
  if (outcome === null || !OWN_ENDS.has(view.status)) return view;
  if (outcome.open) return { ...view, status: 'waking', reason: null };
  return outcome.outcome === 'failed' ? { ...view, status: 'failed', reason: null } : view;
}

/** Temporal's name for a query that nobody answered: the warnings have better words for that. */
const NO_ANSWER = 'ServiceError';

/** Whether nothing more will come. */
export function hasEnded({ view, outcome }: Snapshot): boolean {
  return view?.status === 'done' || view?.status === 'failed' || outcome?.open === false;
}

/** How the session stands, in a word: what the server says of an end that the session itself did not see coming. */
export function statusWord({ view, outcome }: Snapshot): string | null {
  const isOver = outcome?.open === false && !OWN_ENDS.has(view?.status ?? '');
  return isOver ? outcome.outcome.replace('_', ' ') : (view?.status ?? null);
}

const OWN_ENDS = new Set(['done', 'failed']);

/** What a session's silence may be: a worker away, a server away. Our own mistakes are none of that. */
export function silenceOf(error: unknown): Error {
  if (error instanceof Error && !isBug(error)) return error;
  throw error;
}

/** What is unknown is null; every other trouble comes out. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'UnknownSession') return null;
    throw error;
  }
}

/** What the device says that has a lane's trial; null where none does. Devices of older versions do not name their trial. */
export function beatOf({ pending }: Pick<Snapshot, 'pending'>, { experiment, trial }: RunningTrial): Beat | null {
  const beats = pending.flatMap(({ beat }) => beat ?? []);
  return beats.find((beat) => (beat.trial ?? `${experiment}/${trial}`) === `${experiment}/${trial}`) ?? null;
}
