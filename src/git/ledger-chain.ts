// The history of a ledger: what each of its commits added, or did to what stood there. Two processes, however long it
// is, and plumbing alone, because a person's settings change what `git log` shows.
import type { ChainEntry } from '../domain/session-facts.ts';
import { git } from './git.ts';

/** Every commit behind `tip`, the newest first; throws `GitError` where the history is broken. */
export async function readChain(directory: string, tip: string): Promise<readonly ChainEntry[]> {
  const listing = await git(directory, ['rev-list', '--topo-order', '--parents', tip]);
  const commits = listing.split('\n').map((line) => line.split(' '));
  // With its first parent beside it, a commit is compared with that one alone; the first commit with nothing.
  const input = commits.map(([commit = '', first]) => (first === undefined ? commit : `${commit} ${first}`));
  const flags = ['--stdin', '--root', '-r', '--name-status', '--no-renames'];
  const differences = await git(directory, ['diff-tree', ...flags], { input: `${input.join('\n')}\n` });
  const changes = changesByCommit(differences);
  return commits.map(([commit = '', ...parents]) => ({ commit, parents, changes: changes.get(commit) ?? [] }));
}

/** `<commit>`, then a line of `<letter> TAB <path>` for each file that it touched. */
function changesByCommit(text: string): ReadonlyMap<string, ChainEntry['changes']> {
  const byCommit = new Map<string, { kind: string; path: string }[]>();
  let current: { kind: string; path: string }[] = [];
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab !== -1) current.push({ kind: line.slice(0, tab), path: line.slice(tab + 1) });
    else byCommit.set(line.split(' ')[0] ?? '', (current = []));
  }
  return byCommit;
}
