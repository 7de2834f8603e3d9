// What `search` and `random` are told of a session: every tree that was tried, with its score.
import { sdOf } from '../src/domain/belief.ts';
import type { Trial } from '../src/domain/experiment.ts';
import { courseOf } from '../src/domain/ledger-course.ts';
import type { MovedEvent } from '../src/domain/ledger.ts';
import { scoreOf } from '../src/domain/metric.ts';
import { shortHash } from '../src/domain/names.ts';
import { mean } from '../src/domain/noise.ts';
import { hasMissed } from '../src/domain/target.ts';
import { editablePaths } from '../src/domain/task.ts';
import { readFilesOfMany } from '../src/git/tree.ts';
import type { Files, Proposal, ProposeRequest, Tried } from '../src/proposer/proposer.ts';
import { proposers } from '../src/proposer/proposers.ts';
import { repairBySearch, type RepairContext } from './repairing.ts';

/** What the session set back itself was tried before. */
const isForeign = ({ restores }: MovedEvent): boolean => restores === undefined;

/** Has a proposer of ours write the next edit; a crash of its own goes first. */
export async function proposeBySearch(context: RepairContext, proposer: keyof typeof proposers): Promise<Proposal> {
  const repaired = proposer === 'search' ? await repairBySearch(context) : null;
  if (repaired !== null) return repaired;
  const { clone, input, ledger, flying } = context;
  const { contract, experiment, base } = input;
  const paths = editablePaths(contract);
  const tried = (ledger?.experiments ?? []).filter((record) => record.candidate !== null);
  const moves = (ledger?.events ?? []).filter((event) => event.kind === 'moved').filter(isForeign);
  const commits = [
    base,
    contract.base,
    ...moves.map(({ to }) => to),
    ...flying.map(({ commit }) => commit),
    ...tried.flatMap(({ candidate }) => candidate ?? []),
  ];
  const texts = await readFilesOfMany(clone, commits, paths);
  const filesAt = (commit: string): Files => texts[commit] ?? {};
  const { direction } = contract.task.metric;
  const score = (value: number | null): number | null => (value === null ? null : scoreOf(value, direction));
  const course = ledger === undefined ? null : courseOf(ledger);
  const history: Tried[] = [
    { files: filesAt(contract.base), score: score(course?.baseline.value ?? null), verdict: 'baseline' },
    ...moves.map(({ to, trials }): Tried => ({
      files: filesAt(to),
      score: score(meanValue(trials)),
      verdict: 'baseline',
    })),
    ...tried.map(({ candidate, value, verdict, trials }) => ({
      files: filesAt(candidate ?? base),
      score: hasMissed({ trials }) ? null : score(value),
      verdict,
      trials: trials.filter(({ role }) => role === 'candidate').length,
    })),
  ];
  const request: ProposeRequest = {
    files: filesAt(base),
    history,
    pending: flying.map(({ commit }) => filesAt(commit)),
    incumbentScore: course?.incumbent.commit === base ? course.standing.mean : null,
    noise: course && sdOf(course.standing),
    seed: Number.parseInt(shortHash(`${contract.seeds.join()}/${experiment}`), 16),
  };
  return proposers[proposer](request);
}

function meanValue(trials: readonly Pick<Trial, 'value'>[]): number | null {
  const values = trials.flatMap(({ value }) => value ?? []);
  return values.length === 0 ? null : mean(values);
}
