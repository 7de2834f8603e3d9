// One thing at a time: what may not be done by two processes at once on this machine.
import { tryLock, waitForLock } from '../trainer/file-lock.ts';

/** Runs `action` while this process alone holds the lock on `path`; `onWait` is called once if somebody else holds it. */
export async function withLock<T>(path: string, onWait: () => void, action: () => Promise<T>): Promise<T> {
  let lock = tryLock(path);
  if (lock === undefined) {
    onWait();
    lock = await waitForLock(path, new AbortController().signal);
  }
  try {
    return await action();
  } finally {
    lock?.release();
  }
}
