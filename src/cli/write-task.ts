import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InvalidInput } from '../domain/invalid-input.ts';
import { TASK_FILE } from '../domain/task.ts';
import { resolveRepo } from '../git/user-repo.ts';
import { parseTask } from '../task-file.ts';
import { numberOr } from './session-input.ts';
import { taskText, type Draft } from './task-text.ts';

/** Writes a task file into `folder`, which must be in a repo and have none; returns its path. Throws `InvalidInput`. */
export async function writeTask(options: Options, folder: string): Promise<string> {
  const path = join(folder, TASK_FILE);
  if (existsSync(path))
    throw new InvalidInput(`Expected no ${TASK_FILE} here yet, got ${path}; edit it, or remove it first.`);
  await resolveRepo(folder);
  const text = taskText(draft(options, folder));
  parseTask(text, TASK_FILE);
  writeFileSync(path, text, { flag: 'wx' });
  return path;
}

/** The options of `init`, as they were given. */
export interface Options {
  readonly train?: string;
  readonly metric?: string;
  readonly minimize?: true;
  readonly maximize?: true;
  readonly edit?: readonly string[];
  readonly seconds?: string;
  readonly score?: string;
  readonly name?: string;
}

/** What the options say, all mistakes at once; the file's own schema checks the rest. */
function draft(options: Options, cwd: string): Draft {
  const { train, metric, edit = [] } = options;
  const seconds = options.seconds === undefined ? undefined : numberOr(options.seconds);
  const problems = [
    ...(train === undefined ? ['Expected `--train` to be the command of one training, got nothing.'] : []),
    ...(metric === undefined
      ? ['Expected `--metric` to be the name of a number that training prints, got nothing.']
      : []),
    ...(edit.length === 0 ? ['Expected `--edit` to name at least one file, got nothing.'] : []),
    ...edit
      .filter((file) => !isFile(join(cwd, file)))
      .map((file) => `Expected \`--edit\` to name files here, got ${file}.`),
    ...(options.minimize === true && options.maximize === true
      ? ['Expected one of `--minimize` and `--maximize`, got both.']
      : []),
    ...(seconds !== undefined && typeof seconds !== 'number'
      ? [`Expected \`--seconds\` to be a number, got ${JSON.stringify(seconds)}.`]
      : []),
  ];
  if (problems.length > 0 || train === undefined || metric === undefined) throw new InvalidInput(problems);
  const direction = options.maximize === true ? 'maximize' : 'minimize';
  return {
    train,
    metric,
    edit,
    direction,
    name: options.name ?? (basename(cwd) || 'task'),
    ...(typeof seconds === 'number' ? { seconds } : {}),
    ...(options.score === undefined ? {} : { score: options.score }),
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
