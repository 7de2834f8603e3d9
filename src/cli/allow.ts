import { resolve } from 'node:path';
import { stateDirectory } from '../config.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { resolveRepo } from '../git/user-repo.ts';
import { allowCommand, allowRepo } from '../services/allowed.ts';
import { isRemote } from './place.ts';

/** What a person allows: one of the two. */
interface Wanted {
  readonly repo?: string | undefined;
  readonly command?: string | undefined;
}

/** Allows the repo or the command that a person named, on this machine; throws `InvalidInput` where there is none. */
export async function allow({ repo, command }: Wanted, cwd: string): Promise<Wanted & { readonly isNew: boolean }> {
  if ((repo === undefined) === (command === undefined))
    throw new InvalidInput('Expected a repo or `--command`, one of the two.');
  if (command !== undefined) return { command, isNew: await allowCommand(stateDirectory(), command) };
  const named = repo ?? '';
  const { origin } = await resolveRepo(isRemote(named) ? named : resolve(cwd, named));
  return { repo: origin, isNew: await allowRepo(stateDirectory(), origin) };
}
