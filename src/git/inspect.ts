// What people ask of a session's git: its kept line, as a log, and what a commit changed. Works in a home clone and in
// any repo that has the refs.
import { keptBranch, keptRef } from '../domain/names.ts';
import { commitOf } from './home-clone.ts';
import { porcelain } from './porcelain.ts';

/** One commit of the kept line. */
export interface KeptCommit {
  readonly commit: string;
  readonly subject: string;
  /** ISO time. */
  readonly at: string;
}

/** The tip of a session's kept line, also where it is only known as a remote's branch; undefined when unknown. */
export async function keptTip(directory: string, tag: string): Promise<string | undefined> {
  return (await commitOf(directory, keptRef(tag))) ?? commitOf(directory, `refs/remotes/origin/${keptBranch(tag)}`);
}

/** The commits of the kept line after `base`, newest first; empty when nothing was kept or the line is unknown. */
export async function keptLog(directory: string, tag: string, base: string): Promise<readonly KeptCommit[]> {
  const tip = await keptTip(directory, tag);
  if (tip === undefined) return [];
  const log = await porcelain(directory).log({
    from: base,
    to: tip,
    symmetric: false,
    format: { commit: '%H', subject: '%s', at: '%cI' },
  });
  return log.all.map(({ commit, subject, at }) => ({ commit, subject, at }));
}

/** The differences between two commits as a unified diff, without colours or the person's own diff programs. */
export async function diff(directory: string, from: string, to: string): Promise<string> {
  return porcelain(directory).diff(['--no-ext-diff', '--no-textconv', '--no-color', from, to, '--']);
}
