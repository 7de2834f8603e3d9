// What code that no bubblewrap holds may do to the data of all trials, found at the end of each that could.
import { closeSync, existsSync, openSync } from 'node:fs';
import { isDataChanged } from '../src/trainer/data-changes.ts';
import { discardPrepared, readReady } from '../src/trainer/ready-note.ts';
import type { TrialDirectory } from '../src/trainer/trial-directory.ts';
import { trialId } from '../src/trainer/trial-directory.ts';
import type { TrialKey } from './contract.ts';
import { keyOf, type Prepared } from './device-home.ts';
import { blocked } from './failures.ts';

/** What is said of a trial that may have changed the data, once it is asked for again. */
const SPOILED = 'the data that all trials share was changed while it ran';

/**
 * Throws `Blocked` where the data is no longer what was prepared, which is then prepared anew for whoever comes next; the
 * trial that ran meanwhile is marked, and has no value: answers why, or null. Safe to repeat.
 */
export async function dataTrouble(
  prepared: Prepared,
  directory: TrialDirectory,
  key: TrialKey,
): Promise<string | null> {
  if (await isDataChanged(prepared)) {
    closeSync(openSync(directory.spoiled, 'a')); // first: whoever asks again must not take it for whole
    // Made anew meanwhile, it is another's, and fine.
    if (readReady(prepared.root)?.at === prepared.at) discardPrepared(prepared.root);
    throw blocked(
      `Expected the data in ${prepared.data} to be as \`prepare\` left it, but it was changed while ${trialId(keyOf(key))} ran without bubblewrap, where code may write whatever its user may. Look at that candidate, then resume: it gets no value, and the data is prepared anew. With bubblewrap (\`npx autoresearch doctor\`) no candidate can do this.`,
    );
  }
  return existsSync(directory.spoiled) ? SPOILED : null;
}
