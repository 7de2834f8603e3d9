import { candidateRef } from '../domain/names.ts';
import type { Ledger } from '../domain/ledger.ts';
import { refsBelow } from './home-clone.ts';

/** The commits of all candidates that have a ref, by experiment. */
export async function candidatesOf(clone: string, tag: string): Promise<ReadonlyMap<number, string>> {
  const prefix = candidateRef(tag, 0).slice(0, -1);
  const refs = await refsBelow(clone, prefix);
  const numbered = refs.map(({ ref, commit }) => [Number(ref.slice(prefix.length)), commit] as const);
  return new Map(numbered.filter(([experiment]) => Number.isInteger(experiment) && experiment > 0));
}

/** A candidate that waits or trains. */
export interface Flying {
  readonly experiment: number;
  readonly commit: string;
}

/** Candidates that have a ref but no record yet, experiment `except` left out. */
export async function candidatesInFlight(
  clone: string,
  tag: string,
  ledger: Ledger | undefined,
  except: number,
): Promise<Flying[]> {
  const recorded = new Set(ledger?.experiments.map((record) => record.experiment));
  return [...(await candidatesOf(clone, tag))].flatMap(([experiment, commit]) =>
    experiment === except || recorded.has(experiment) ? [] : [{ experiment, commit }],
  );
}
