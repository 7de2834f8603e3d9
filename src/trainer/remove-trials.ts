// Everything that a session's trials have on this machine, gone for good: their processes first, because a training whose
// files are taken from under it would go on, unseen, on a device that counts as free.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderName } from '../domain/names.ts';
import { removeFolder } from './data-folder.ts';
import { pruneTrial, storedTrials } from './prune.ts';
import { killTrial, liveTrials } from './sweep.ts';

/** Thrown when somebody keeps working on a trial whose session is over: the files stay. */
class TrialInUse extends Error {
  override readonly name = 'TrialInUse';
}

// A worker that prepares or reads a trial lets go of it when it hears that the session is over, or is done with it.
const PATIENCE_MS = 15_000;
const PAUSE_MS = 100;

/** Ends every live trial of the session, then removes their files. Safe to repeat. Throws `TrialInUse`. */
export async function removeTrials(trialsRoot: string, session: string): Promise<void> {
  if (!existsSync(trialsRoot)) return;
  const root = realpathSync(trialsRoot); // processes are known by the path that they were told
  const folder = join(root, folderName(session));
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    for (const { directory } of liveTrials(root))
      if (dirname(dirname(directory.root)) === folder) await killTrial(directory);
    const busy = await clear(folder);
    if (busy === undefined) break;
    if (performance.now() > until)
      throw new TrialInUse(`Expected nobody to work in ${busy} any more, got somebody who does; try again later.`);
    await sleep(PAUSE_MS);
  }
  await removeFolder(folder);
}

/** Clears the session's trials, also what they keep elsewhere; the folder of one that is in somebody's hands. */
async function clear(folder: string): Promise<string | undefined> {
  let busy: string | undefined;
  for (const trial of await storedTrials(folder)) if (!(await pruneTrial(trial))) busy = trial.directory.root;
  return busy;
}
