import { overtakenBy, trialsBehind, type ExperimentRecord } from '../src/domain/experiment.ts';
import { readCandidate } from '../src/git/candidate.ts';
import { homeClonePath } from '../src/git/home-clone.ts';
import { shortLine } from '../src/domain/report.ts';
import { secondsOf } from '../src/domain/rerun.ts';
import { lineOf } from '../src/domain/view.ts';
import type { EndedExperiment } from './contract.ts';
import type { Recorded } from '../src/domain/proposed.ts';

/** What `commit`, `revert` and `record` need of their control worker. */
export interface ClosingDeps {
  readonly repos: string;
  /** Pushes what changed soon, off the critical path, and again until it lands. */
  readonly pushLater: (clone: string, contract: EndedExperiment['contract']) => void;
}

/** The whole record: what the workflow decided and what git knows of the candidate. */
export async function wholeRecord(clone: string, { record }: EndedExperiment): Promise<ExperimentRecord> {
  if (record.candidate === null) return { version: 1, ...record, tree: null, edit: [], proposer: '' };
  const { tree, edit, proposer, hypothesis, arm, repairs } = await readCandidate(clone, record.candidate);
  const said = { hypothesis, tree, edit: [...edit], proposer };
  return {
    version: 1,
    ...record,
    ...said,
    ...(arm !== undefined && { arm }),
    ...(repairs !== undefined && { repairs }),
  };
}

/** What stands in the ledger, as the workflow needs it. */
export function recordedAs(record: ExperimentRecord): Recorded {
  const { candidate, trials, pooled, experiment, verdict, rule, netLines, parent } = record;
  const tried = {
    experiment,
    verdict,
    rule,
    candidate,
    netLines,
    ...(pooled !== undefined && { pooled: pooled.map(({ role, value, missed }) => ({ role, value, missed })) }),
    trials: trials.map(({ trial, commit, role, value, missed }) => ({ trial, commit, role, value, missed })),
  };
  const tier = trialsBehind(record).some((trial) => trial.tier === 'B') ? 'B' : trials.length === 0 ? null : 'A';
  const seconds = trials.reduce((sum, trial) => sum + secondsOf(trial), 0);
  return {
    kind: 'recorded',
    line: shortLine(lineOf(record)),
    candidate,
    seconds,
    tried,
    tier,
    ...(record.overtaken === true && { overtaken: overtakenBy(record) }),
    ...(parent !== undefined && { parent }),
  };
}

/** The home clone of a contract's origin. */
export const cloneOf = (deps: ClosingDeps, { contract }: EndedExperiment): string =>
  homeClonePath({ repos: deps.repos, origin: contract.origin });
