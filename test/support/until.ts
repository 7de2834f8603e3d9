import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;

/** Resolves with the first answer of `ready` that is neither undefined nor false; the test's own time limit is the only clock. */
export async function until<T>(ready: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const answer = await ready();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(LOOK_MS);
  }
}
