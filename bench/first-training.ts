// When the first training of a state directory began, by what its supervisor wrote down.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from '../src/config.ts';
import { readJson } from '../src/trainer/durable-file.ts';
import { directoryAt } from '../src/trainer/trial-directory.ts';
import { exitSchema } from '../src/trainer/trial-spec.ts';

/** Milliseconds since the epoch; null when no training has come to its end yet. */
export function firstTrainingIn(root: string): number | null {
  const { trials } = stateDirectory({ AUTORESEARCH_HOME: root });
  const starts = folders(trials)
    .flatMap(folders)
    .flatMap(folders)
    .flatMap((folder) => {
      const exit = readJson(directoryAt(folder).exit, exitSchema);
      return exit.status === 'ok' ? [Date.parse(exit.value.startedAt)] : [];
    });
  return starts.length === 0 ? null : Math.min(...starts);
}

function folders(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
  } catch {
    return []; // no session got that far
  }
}
