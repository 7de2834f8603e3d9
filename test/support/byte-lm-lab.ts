// The bundled task as a session runs it, from its preparation to its score, for candidates that a test writes.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Contract, Trained } from '../../activities/contract.ts';
import type { Scored } from '../../src/domain/scored.ts';
import type { Trial } from '../../src/domain/experiment.ts';
import { flagOf, usualOf, type Usual } from '../../src/domain/flags.ts';
import { untrainedFlag } from '../../src/domain/signs.ts';
import { writeCandidate } from '../../src/git/candidate.ts';
import { asTrial } from '../../workflows/trial-record.ts';
import { AT, createWorkshop, type Workshop } from '../activities/workshop.ts';
import { byteLm } from './byte-lm.ts';

/** One training and what scoring said of it. */
export interface Tried {
  readonly trained: Trained;
  readonly scored: Scored | null;
}

/** byte-lm in a workshop. */
export interface ByteLmLab {
  readonly workshop: Workshop;
  readonly contract: Contract;
  /** The bundled train.py with this appended, before it is run. */
  readonly withCode: (code: string) => string;
  /** Trains and scores byte-lm with this train.py. No gate has read it. */
  readonly tryText: (text: string) => Promise<Tried & { readonly commit: string }>;
  /** Starts a commit twice without training. */
  readonly starts: (commit: string) => Promise<readonly Trial[]>;
  /** What a session would make of such a candidate, its seconds left out: `no value: …`, `quarantined: …`, or `scored 3.21`. */
  readonly endOf: (text: string) => Promise<string>;
}

/** As a session's records have it. */
const record = (trial: number, { trained, scored }: Tried): Trial =>
  asTrial(
    { trial, role: 'candidate', commit: '', seed: 7, budgetSeconds: 1 },
    trained,
    scored ?? { kind: 'none', failure: trained.failure ?? '' },
    { ceilings: [], target: undefined },
  );

/** One second of training; the tests share one preparation, which fetches numpy unless pip has it. */
export async function createByteLmLab(): Promise<ByteLmLab> {
  const source = readFileSync(join(byteLm, 'train.py'), 'utf8');
  const files = readdirSync(byteLm, { withFileTypes: true }).filter((entry) => entry.isFile());
  const texts = files.map(({ name }) => [name, readFileSync(join(byteLm, name), 'utf8')] as const);
  const task = readFileSync(join(byteLm, 'autoresearch.yaml'), 'utf8').replace('seconds: 6', 'seconds: 1');
  const workshop = await createWorkshop({
    ...Object.fromEntries(texts),
    'autoresearch.yaml': task.replace('startupSeconds: 2', 'startupSeconds: 20'),
  });
  const contract = await workshop.open({ session: 'night', input: {}, at: AT });
  let experiments = 0;
  const tryText: ByteLmLab['tryText'] = async (text) => {
    const made = { clone: workshop.clone, base: contract.base, hypothesis: 'x', proposer: 'search', edit: [], at: AT };
    const written = await writeCandidate({ ...made, files: { 'train.py': text } });
    if (written.kind !== 'candidate') throw new Error('Expected another train.py.');
    const { commit } = written;
    return {
      commit,
      ...(await workshop.tryCommit({ contract, experiment: ++experiments, trial: 1, commit, seed: 7 })),
    };
  };
  const starts: ByteLmLab['starts'] = async (commit) => {
    const both: Trial[] = [];
    for (const seed of [1, 2]) {
      const key = { contract, experiment: experiments, trial: 500_000 + seed, commit, seed };
      const trained = await workshop.train({ ...key, seconds: 0 });
      const { sandbox, failure } = trained;
      const scored = failure === undefined ? await workshop.evaluate({ ...key, ...(sandbox && { sandbox }) }) : null;
      both.push(record(seed, { trained, scored }));
    }
    return both;
  };
  let usual: Usual | null = null;
  return {
    workshop,
    contract,
    withCode: (code) => source.replace('if __name__ ==', `${code}\n\n\nif __name__ ==`),
    tryText,
    starts,
    endOf: async (text) => {
      usual ??= untimed(usualOf([record(1, await workshop.tryBase(contract, 900))]));
      const tried = await tryText(text);
      const trial = record(1, tried);
      if (trial.value === null) return `no value: ${trial.failure ?? ''}`;
      const { metric } = contract.task;
      const flag = flagOf(usual, metric, [trial]) ?? untrainedFlag(metric, await starts(tried.commit));
      return flag === null ? `scored ${trial.value}` : `quarantined: ${flag}`;
    },
  };
}

/** Beside other tests a trial may take any time: that sign is no matter of luck only where a test looks at seconds itself. */
const untimed = (usual: Usual | null): Usual | null => usual && { ...usual, timed: true };
