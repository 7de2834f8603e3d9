// What a task file's `editable` means at one commit: files as they are named, and all that a pattern fits. Found once,
// when a session is opened: what is frozen is the list of files, and one that comes later is none of them.
import { filesFitting, isGlob } from './domain/globs.ts';
import { taskFolder } from './domain/task.ts';
import { isRegular, type TreeEntry } from './git/tree.ts';

/** The files of a task, relative to its folder. */
export interface Editable {
  readonly files: readonly string[];
  /** A sentence for each pattern that means none, or too many. */
  readonly problems: readonly string[];
}

/** A proposer reads every one of them, for every experiment. */
const MOST_FILES = 200;

/** Finds the files. A pattern never means the task file itself, a link or a submodule. */
export function findEditable(named: readonly string[], taskPath: string, entries: readonly TreeEntry[]): Editable {
  const folder = taskFolder(taskPath);
  const prefix = folder === '' ? '' : `${folder}/`;
  const there = entries.filter((entry) => entry.path.startsWith(prefix) && entry.path !== taskPath);
  const files = there.filter(isRegular).map(({ path }) => path.slice(prefix.length));
  const found = named.map((path) => (isGlob(path) && !files.includes(path) ? filesFitting(path, files) : [path]));
  const problems = found.flatMap((meant, index) => {
    const expected = `Expected \`editable.${index}\` in ${taskPath} to fit`;
    const got = `got ${JSON.stringify(named[index])}, which fits`;
    if (meant.length === 0) return [`${expected} committed files, ${got} none; \`**\` goes through folders.`];
    if (meant.length <= MOST_FILES) return [];
    return [`${expected} at most ${MOST_FILES} files, ${got} ${meant.length}; name fewer.`];
  });
  return { files: [...new Set(found.flat())], problems };
}
