// The promises between ledger and refs: each candidate stands where its record says, and the kept line is the kept
// candidates and nothing else.
import type { ExperimentRecord } from './experiment.ts';
import type { LedgerEvent, OpenEvent } from './ledger.ts';
import { candidateRef, keptRef } from './names.ts';
import type { CommitFacts, Finding, KeptLine, SessionFacts } from './session-facts.ts';

/** What is wrong with the candidates, and which experiments' candidates are elsewhere because they were not pushed. */
export interface CandidateCheck {
  readonly findings: readonly Finding[];
  readonly notPushed: readonly number[];
}

/** What a session sends to its origin. */
type Push = NonNullable<OpenEvent['input']['push']>;

/** Every record that names a candidate has its ref there; the commit has the record's tree and the record's base. */
export function checkCandidates(facts: SessionFacts, records: readonly ExperimentRecord[], push: Push): CandidateCheck {
  const notPushed: number[] = [];
  const problems = records.flatMap((record) => {
    const { experiment, candidate } = record;
    if (candidate === null) return withoutCandidate(record);
    const ref = candidateRef(facts.tag, experiment);
    const found = facts.candidates.get(experiment);
    const commit = facts.commits.get(candidate);
    if (found === candidate) return commitProblems(record, commit);
    if (found !== undefined)
      return [`Expected ${ref} to be ${candidate}, as the record of experiment ${experiment} says, got ${found}.`];
    if (facts.home || push === 'all')
      return [`Expected ${ref} to be there, because experiment ${experiment} names a candidate, got nothing.`];
    notPushed.push(experiment);
    return commit === undefined ? [] : commitProblems(record, commit);
  });
  return { findings: problems.map((problem) => ({ check: 'candidates', problem })), notPushed };
}

function withoutCandidate({ experiment, verdict, tree }: ExperimentRecord): string[] {
  if (verdict === 'keep') return [`Expected experiment ${experiment}, which was kept, to name a candidate, got none.`];
  return tree === null ? [] : [`Expected experiment ${experiment} to name a candidate for its tree ${tree}, got none.`];
}

function commitProblems(record: ExperimentRecord, commit: CommitFacts | undefined): string[] {
  const { experiment, candidate, tree, base } = record;
  const whose = `the candidate of experiment ${experiment}`;
  if (commit === undefined) return [`Expected ${whose}, ${candidate}, to be a commit, got none of that name.`];
  const problems: string[] = [];
  const parents = commit.parents.join(' and ');
  if (commit.tree !== tree)
    problems.push(`Expected ${whose} to have the tree ${tree}, as its record says, got ${commit.tree}.`);
  if (parents !== base)
    problems.push(`Expected ${whose} to be made from ${base}, as its record says, got ${parents || 'no parent'}.`);
  return problems;
}

/** Where the session set its line back itself, the new commit is a child of the tip and has what was restored. */
export function checkRollbacks({ commits, home }: SessionFacts, events: readonly LedgerEvent[]): Finding[] {
  const moves = events.filter((event) => event.kind === 'moved');
  return moves.flatMap(({ from, to, restores }) => {
    if (restores === undefined) return [];
    const [made, restored] = [commits.get(to), commits.get(restores.commit)];
    if (made === undefined || restored === undefined) {
      if (!home) return []; // a person may have moved the line to where these are not
      const problem = `Expected ${to} and ${restores.commit}, which it restores, to be commits here, got ${made === undefined ? 'not the first' : 'not the second'}.`;
      return [{ check: 'line', problem }];
    }
    const parents = made.parents.join(' and ') || 'no parent';
    const problems = [
      ...(made.tree === restored.tree
        ? []
        : [`to have the tree ${restored.tree} of ${restores.commit}, got ${made.tree}`]),
      ...(parents === from ? [] : [`to be made from ${from}, where the line was, got ${parents}`]),
    ];
    return problems.map(
      (problem) =>
        ({ check: 'line', problem: `Expected ${to}, where the session set its line back, ${problem}.` }) as const,
    );
  });
}

/**
 * The line from where it begins to its tip is exactly the kept candidates (`kept`). Where a plain clone knows it more
 * than once (a person may work on their own branch of that name), one that agrees with the ledger is proof.
 */
export function checkLine(
  facts: SessionFacts,
  kept: readonly ExperimentRecord[],
  begin: string,
  push: Push,
): Finding[] {
  const problems = facts.commits.has(begin)
    ? lineProblems(facts, keptIn(kept), begin, push)
    : [`Expected ${begin}, where the kept line begins, to be a commit here, got none of that name.`];
  return problems.map((problem) => ({ check: 'line', problem }));
}

/** An experiment that was kept, and what was kept. */
interface Kept {
  readonly experiment: number;
  readonly candidate: string;
}

const keptIn = (records: readonly ExperimentRecord[]): readonly Kept[] =>
  records.flatMap(({ experiment, candidate }) => (candidate === null ? [] : [{ experiment, candidate }]));

function lineProblems(facts: SessionFacts, kept: readonly Kept[], base: string, push: Push): readonly string[] {
  if (facts.lines.length === 0)
    return !facts.home && push === 'none' ? [] : [`Expected ${keptRef(facts.tag)} to be there, got nothing.`];
  const found = facts.lines.map((line) => problemsOf(line, kept, { base, commits: facts.commits }));
  return found.find((problems) => problems.length === 0) ?? found[0] ?? [];
}

function problemsOf(
  { ref, tip, commits }: KeptLine,
  kept: readonly Kept[],
  repo: { readonly base: string; readonly commits: SessionFacts['commits'] },
): string[] {
  const onLine = new Set(commits);
  const explained = new Map(kept.map(({ experiment, candidate }) => [candidate, experiment]));
  let begin = tip;
  while (onLine.has(begin)) begin = repo.commits.get(begin)?.parents[0] ?? 'nothing';
  const problems: string[] = [];
  for (const { experiment, candidate } of kept) {
    const last = explained.get(candidate);
    if (last !== experiment)
      problems.push(`Expected one kept experiment for ${candidate}, got experiments ${experiment} and ${last}.`);
    if (!onLine.has(candidate))
      problems.push(`Expected ${ref} to have ${candidate}, because experiment ${experiment} was kept, but it has not.`);
  }
  for (const commit of commits)
    if (!explained.has(commit))
      problems.push(`Expected each commit of ${ref} to be a kept experiment's candidate, got ${commit}.`);
  if (begin !== repo.base) problems.push(`Expected ${ref} to begin at ${repo.base}, got ${begin}.`);
  return problems;
}
