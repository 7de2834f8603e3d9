import { candidateRef } from '../domain/names.ts';
import type { Ledger } from '../domain/ledger.ts';
import { git } from './git.ts';

/** Commits of candidates that have a ref but no record yet, experiment `except` left out: they wait or train. */
export async function candidatesInFlight(
  clone: string,
  tag: string,
  ledger: Ledger | undefined,
  except: number,
): Promise<string[]> {
  const prefix = candidateRef(tag, 0).slice(0, -1);
  const listing = await git(clone, ['for-each-ref', '--format=%(refname) %(objectname)', prefix]);
  const recorded = new Set(ledger?.experiments.map((record) => record.experiment));
  return listing.split('\n').flatMap((line) => {
    const [ref = '', commit] = line.split(' ');
    const experiment = Number(ref.slice(prefix.length));
    const flies = Number.isInteger(experiment) && experiment > 0 && experiment !== except && !recorded.has(experiment);
    return flies && commit !== undefined ? [commit] : [];
  });
}

/** The numbers of all experiments that have a candidate's ref. */
export async function candidateNumbers(clone: string, tag: string): Promise<number[]> {
  const prefix = candidateRef(tag, 0).slice(0, -1);
  const listing = await git(clone, ['for-each-ref', '--format=%(refname)', prefix]);
  return listing.split('\n').flatMap((ref) => {
    const experiment = Number(ref.slice(prefix.length));
    return Number.isInteger(experiment) && experiment > 0 ? [experiment] : [];
  });
}
