// A throw-away tree for a coding agent, and what became of it. The agent gets a small repo of its own, with one commit:
// agents like git, and a worktree of the home clone would let them reach every ref of ours. Afterwards nothing of that
// repo is believed or run: its files are compared with the base through an index and a clone that the agent never saw.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkoutTree } from './checkout.ts';
import { git } from './git.ts';
import { ATTRIBUTES } from './home-clone.ts';

/** Which commit an agent begins with, and where. */
export interface AgentTree {
  readonly clone: string;
  readonly base: string;
  readonly folder: string;
  /** Patterns, as in a .gitignore, of what agents leave behind: no change of theirs. */
  readonly ignored: readonly string[];
}

/** What an agent begins with on top of the base: whole texts of files that the base has. */
export interface Head {
  readonly subject: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Settings of a person that have no place here. */
const PLAIN = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'commit.gpgSign=false'].flatMap((one) => [
  '-c',
  one,
]);

/** Makes `folder` a repo with one commit, whose files are those of `base`, and `head` on top. Throws `EscapingLink`. */
export async function makeAgentRepo({ clone, base, folder, ignored }: AgentTree, head?: Head): Promise<void> {
  await checkoutTree({ clone, commit: base, folder });
  await git(folder, ['init', '--quiet', '--template=', '--initial-branch=incumbent']);
  const info = join(folder, '.git', 'info');
  await mkdir(info, { recursive: true });
  await writeFile(join(info, 'attributes'), ATTRIBUTES);
  await writeFile(join(info, 'exclude'), ignored.map((pattern) => `${pattern}\n`).join(''));
  await commitAll(folder, 'the best so far');
  if (head === undefined) return;
  for (const [path, text] of Object.entries(head.files)) await writeFile(join(folder, path), text);
  await commitAll(folder, head.subject);
}

async function commitAll(folder: string, subject: string): Promise<void> {
  await git(folder, [...PLAIN, 'add', '--all', '--force']);
  await git(folder, [...PLAIN, 'commit', '--quiet', '--no-verify', '--allow-empty', '-m', subject]);
}

/** A path that is not as the base has it, and how: its content, gone or no file any more, or new. */
export interface Change {
  readonly path: string;
  readonly how: 'content' | 'gone' | 'new';
}

const COMPARE = ['core.fileMode=false', 'diff.autoRefreshIndex=true', 'core.quotePath=false'].flatMap((one) => [
  '-c',
  one,
]);

/** What an agent changed in its tree; the order is git's. */
export async function changesIn(tree: AgentTree): Promise<Change[]> {
  return withIndex(tree, async (run) => {
    const changed = await run([
      'diff',
      '--name-status',
      '-z',
      '--no-renames',
      '--no-ext-diff',
      '--ignore-submodules=all',
    ]);
    const excluded = tree.ignored.map((pattern) => `--exclude=${pattern}`);
    const added = await run(['ls-files', '--others', '-z', '--exclude-standard', ...excluded]);
    const words = changed.split('\0');
    return [
      ...words.flatMap((path, index): Change[] =>
        index % 2 === 0 ? [] : [{ path, how: words[index - 1] === 'M' ? 'content' : 'gone' }],
      ),
      ...added.split('\0').flatMap((path): Change[] => (path === '' ? [] : [{ path, how: 'new' }])),
    ];
  });
}

/** One file's change as a unified diff with so many lines around each hunk. */
export async function diffIn(tree: AgentTree, path: string, context: number): Promise<string> {
  const options = ['--no-color', '--no-ext-diff', '--no-textconv', '--text', '--src-prefix=a/', '--dst-prefix=b/'];
  return withIndex(tree, (run) => run(['diff', `-U${context}`, ...options, '--', path]));
}

async function withIndex<T>(
  { clone, base, folder }: AgentTree,
  act: (run: (args: readonly string[]) => Promise<string>) => Promise<T>,
): Promise<T> {
  const index = `${resolve(folder)}.index`;
  const env = { GIT_DIR: resolve(clone), GIT_WORK_TREE: resolve(folder), GIT_INDEX_FILE: index };
  const run = (args: readonly string[]): Promise<string> => git(folder, [...PLAIN, ...COMPARE, ...args], { env });
  await rm(index, { force: true });
  try {
    await run(['read-tree', base]);
    return await act(run);
  } finally {
    await rm(index, { force: true });
  }
}
