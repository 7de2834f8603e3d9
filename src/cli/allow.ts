import { resolve } from 'node:path';
import { stateDirectory } from '../config.ts';
import { resolveRepo } from '../git/user-repo.ts';
import { allowRepo } from '../services/allowed.ts';
import { isRemote } from './place.ts';

/** Allows the repo that a person named, on this machine; throws `InvalidInput` where there is none. */
export async function allow(repo: string, cwd: string): Promise<{ readonly origin: string; readonly isNew: boolean }> {
  const { origin } = await resolveRepo(isRemote(repo) ? repo : resolve(cwd, repo));
  return { origin, isNew: await allowRepo(stateDirectory(), origin) };
}
