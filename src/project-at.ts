// Looks for another program's project in a folder of a commit.
import { TEXTS, findProjects } from './formats/find-project.ts';
import type { Project } from './formats/project.ts';
import { isRegular, listFiles, readFiles, type TreeEntry } from './git/tree.ts';

/** Every kind of project that a folder of a commit looks like; `folder` is empty at the top. */
export async function projectsAt(
  clone: string,
  commit: string,
  folder: string,
  listed?: readonly TreeEntry[],
): Promise<readonly Project[]> {
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const entries = listed ?? (await listFiles(clone, commit));
  const below = entries.filter((entry) => entry.path.startsWith(prefix) && isRegular(entry));
  const modes = new Map(below.map(({ path, mode }) => [path.slice(prefix.length), mode]));
  const wanted = TEXTS.filter((path) => modes.has(path));
  const texts = await readFiles(
    clone,
    commit,
    wanted.map((path) => `${prefix}${path}`),
  );
  return findProjects({
    modes,
    texts: Object.fromEntries(wanted.map((path) => [path, texts[`${prefix}${path}`] ?? ''])),
  });
}
