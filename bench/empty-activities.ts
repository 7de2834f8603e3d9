// The yardstick of `orchestration`: a workflow that calls an activity that does nothing, again and again.
import { proxyActivities } from '@temporalio/workflow';

/** The queue of the activity: not the workflow's own, as in a session, where eager execution would spare the dispatch. */
export const EMPTY_QUEUE = 'bench-empty-activities';

const { empty } = proxyActivities<{ empty: () => Promise<void> }>({
  taskQueue: EMPTY_QUEUE,
  startToCloseTimeout: '1 minute',
});

/** Calls the empty activity `count` times in a row. */
export async function emptyActivities(count: number): Promise<void> {
  for (let called = 0; called < count; called++) await empty();
}
