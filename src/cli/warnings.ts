// What a person should know or do about a session, in so many words. Pure.
import { clock, duration, plain } from './figures.ts';
import { hasEnded, type Snapshot } from './snapshot.ts';

/** A task that waits for a worker shorter than this is on its way. */
const ON_ITS_WAY_SECONDS = 5;

/** A workflow task may be tried again after a crash of its worker; so often it is tried only when its code fails. */
const KEEPS_FAILING_ATTEMPTS = 3;

/** The warnings of a moment, most urgent first; none when all is well. */
export function warningsOf(snapshot: Snapshot): string[] {
  const failure = snapshot.outcome?.failure;
  if (hasEnded(snapshot) && failure != null) return [`failed: ${plain(failure)}`];
  if (hasEnded(snapshot)) return endedFromOutside(snapshot) ?? [];
  return [
    ...whoIsAway(snapshot),
    ...standstill(snapshot),
    ...waiting(snapshot),
    ...(snapshot.live?.notices ?? []).map(plain),
  ];
}

/** What became of a session that did not end itself, and what to do; null where it did. */
function endedFromOutside({ session, view, outcome }: Snapshot): string[] | null {
  if (view?.status === 'done' || view?.status === 'failed' || outcome === null || outcome.open) return null;
  if (outcome.outcome === 'completed' || outcome.outcome === 'failed') return null;
  return [
    `${outcome.outcome.replace('_', ' ')}: ${ENDED_OUTSIDE}; npx autoresearch start --continue-from ${session} goes on from what git has`,
  ];
}

/** What is to be said of such an end. */
export const ENDED_OUTSIDE = 'it was ended on the server, and nothing more comes';

const LOG_HINT = "the control worker's log says more, `npx autoresearch doctor` names it";

function whoIsAway({ server, theirs, live, outcome, view, silence }: Snapshot): string[] {
  if (!server && theirs !== undefined)
    return [`no Temporal server answers at ${theirs}; start it there and the session goes on`];
  if (!server) return ['no Temporal server answers; `npx autoresearch up` starts it and the session goes on'];
  if (live !== null || view?.status === 'waking') return [];
  if (outcome?.open === true && outcome.taskAttempt >= KEEPS_FAILING_ATTEMPTS)
    return [`a workflow task keeps failing (attempt ${outcome.taskAttempt}): a bug of ours; ${LOG_HINT}`];
  if (outcome?.open === true)
    return [
      view === null
        ? 'waiting for a control worker to begin; if none comes, `npx autoresearch up` starts one'
        : 'no control worker answers; `npx autoresearch up` starts one',
      ...(silence === null ? [] : [plain(silence)]),
    ];
  return ['interrupted: the server does not know this session; what git has is shown'];
}

function standstill({ live, session }: Snapshot): string[] {
  if (live?.status === 'blocked')
    return [
      `blocked: ${plain(live.reason ?? 'no reason given')}`,
      `mend that, then: npx autoresearch resume ${session}`,
    ];
  if (live?.status === 'paused') return [`paused; npx autoresearch resume ${session} goes on`];
  return [];
}

function waiting({ pending, at }: Snapshot): string[] {
  // More lanes than devices: they take turns, and nobody has to do anything.
  const hasDevice = pending.some(({ activity, started }) => started && isOnDevice(activity));
  return pending.flatMap(({ activity, attempt, started, scheduledAt, lastFailure }) => {
    const again =
      attempt > 1 && lastFailure !== null
        ? [`${activity} is tried again (attempt ${attempt}): ${plain(lastFailure)}`]
        : [];
    const since = scheduledAt === null ? Number.NaN : (at - Date.parse(scheduledAt)) / 1000;
    if (started || scheduledAt === null || !(since > ON_ITS_WAY_SECONDS)) return again;
    const when = `since ${clock(scheduledAt, at)} (${duration(since)})`;
    if (hasDevice && isOnDevice(activity)) return again;
    const text = isOnDevice(activity)
      ? `waiting for a device ${when}; \`npx autoresearch up\` starts a device worker here`
      : `no control worker has taken \`${activity}\` ${when}; \`npx autoresearch up\` starts one`;
    return [text, ...again];
  });
}

const isOnDevice = (activity: string): boolean => activity === 'train' || activity === 'evaluate';
