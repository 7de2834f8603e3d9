// What Temporal's history says about times: the server's clock, in milliseconds since the epoch.
import type { Client } from '@temporalio/client';

/** One event of an activity. Ids count a history's events from 1. */
export interface ActivityEvent {
  readonly id: number;
  readonly kind: 'scheduled' | 'started' | 'completed';
  readonly activity: string;
  readonly at: number;
}

/** The activities of a workflow, in the order of its history. */
export async function activityEvents(client: Client, workflowId: string): Promise<readonly ActivityEvent[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const names = new Map<number, string>();
  return (events ?? []).flatMap((event): ActivityEvent[] => {
    const id = Number(event.eventId);
    const at = Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
    const name = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (name != null) {
      names.set(id, name);
      return [{ id, kind: 'scheduled', activity: name, at }];
    }
    const { activityTaskStartedEventAttributes: started, activityTaskCompletedEventAttributes: completed } = event;
    const scheduled = started?.scheduledEventId ?? completed?.scheduledEventId;
    if (scheduled == null) return [];
    const activity = names.get(Number(scheduled)) ?? '';
    return [{ id, kind: completed == null ? 'started' : 'completed', activity, at }];
  });
}

/** What lies between two activities of the same name, the first and the last: how long, how much. */
export interface Span {
  readonly milliseconds: number;
  readonly activities: number;
  readonly events: number;
}

/**
 * From the completion of the first activity called `name` to the scheduling of the last one. A session's `record` stands
 * before its first experiment (the baseline) and after its last (the end).
 */
export function spanBetween(events: readonly ActivityEvent[], name: string): Span {
  const first = events.find(({ kind, activity }) => kind === 'completed' && activity === name);
  const last = events.findLast(({ kind, activity }) => kind === 'scheduled' && activity === name);
  if (first === undefined || last === undefined || last.id < first.id)
    throw new Error(`Expected a history with two activities ${name}, got ${events.length} events of activities.`);
  const between = events.filter(({ kind, id }) => kind === 'scheduled' && id > first.id && id < last.id);
  return {
    milliseconds: last.at - first.at,
    activities: between.length,
    events: last.id - first.id,
  };
}

/** How many events each experiment has in which one trial was trained: from one verdict written down to the next. */
export function eventsOfOneTrial(events: readonly ActivityEvent[]): number[] {
  const ends = events.filter(
    ({ kind, activity }) => kind === 'completed' && (activity === 'commit' || activity === 'revert'),
  );
  return ends.slice(1).flatMap(({ id }, index) => {
    const from = ends[index]?.id ?? 0;
    const trained = events.filter(
      (event) => event.kind === 'scheduled' && event.activity === 'train' && event.id > from && event.id < id,
    );
    return trained.length === 1 ? [id - from] : [];
  });
}
