import type { Task } from '../../domain/task.ts';

/** What the modules around a training script are mostly called, in our task and in others'. */
const USUAL = ['serve', 'score', 'candidate', 'prepare'];

/** The names of the Python modules that measure: the usual ones, and those that the task's other commands name. */
export function harnessModules({ prepare, score, checks, editable }: Task): string[] {
  const commands = [prepare?.run, ...(prepare?.inputs ?? []), score?.run, ...checks.map(({ run }) => run)];
  const files = commands.flatMap((text) => text?.match(/[\w./-]+\.py\b/g) ?? []);
  const names = [...USUAL, ...files.map(moduleName)];
  const own = new Set(editable.map(moduleName));
  return [...new Set(names)].filter((name) => !own.has(name));
}

const moduleName = (path: string): string => path.replace(/^.*\//, '').replace(/\.py$/, '');
