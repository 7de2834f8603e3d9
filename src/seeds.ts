// The harness's seeds: HMAC(session key, index), so that no candidate can know or choose them, and so that the same
// session has the same list wherever it goes on. The key stays on this machine, readable by its owner alone.
import { createHmac, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { folderName } from './domain/names.ts';
import { writeOnce } from './write-once.ts';

/**
 * Seeds of one session; all arms share the list. An incumbent is measured at most 8 times, and once more in 20 trials of
 * others: it would have to stand for a thousand trials to meet a seed again.
 */
const SEEDS = 64;

/** A session's seeds, 31-bit integers. `fixed` (the option `seed`) takes the place of a random key. */
export function sessionSeeds(keys: string, session: string, fixed?: number): number[] {
  const key = fixed === undefined ? sessionKey(keys, session) : Buffer.from(`seed ${fixed}`);
  return Array.from(
    { length: SEEDS },
    (_, index) => createHmac('sha256', key).update(String(index)).digest().readUInt32BE(0) >>> 1,
  );
}

/** Removes a session's key: one of the same name has other seeds then. */
export function forgetKey(keys: string, session: string): void {
  rmSync(join(keys, folderName(session)), { force: true });
}

/** Of two runs of `open` one key wins. */
const sessionKey = (keys: string, session: string): Buffer =>
  writeOnce(join(keys, folderName(session)), () => randomBytes(32));
