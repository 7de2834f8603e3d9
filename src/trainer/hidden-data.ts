// Is what the task hides from training there at all? A name that leads nowhere hides nothing: training would see the data
// that was meant, and nobody would notice.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Why what the task hides cannot be what it means, in one sentence; null where each of these paths in `data` has content. */
export async function hiddenProblem(data: string, hidden: readonly string[]): Promise<string | null> {
  const sought = await Promise.all(
    hidden.map(async (name) => ((await hasBytes(join(data, name))) ? [] : [`\`${name}\``])),
  );
  const empty = sought.flat();
  if (empty.length === 0) return null;
  return `Expected everything that the task hides from training (\`hidden\`) to have content in the data folder after \`prepare\`, got none for ${empty.join(', ')}: training would see what is meant. Name it as \`prepare\` does.`;
}

/** Whether a path is a file with content or a folder that has one; links count as what they lead to, but not in a folder. */
async function hasBytes(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return found?.isFile() === true && found.size > 0;
  for (const entry of await readdir(path, { withFileTypes: true }))
    if (!entry.isSymbolicLink() && (await hasBytes(join(path, entry.name)))) return true;
  return false;
}
