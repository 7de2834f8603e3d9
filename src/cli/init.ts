// `init`: a task file for the repo around here, from a few options. The person asked for a file in their checkout, and
// this is the one command that writes there.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { InvalidInput } from '../domain/invalid-input.ts';
import { TASK_FILE } from '../domain/task.ts';
import { resolveRepo } from '../git/user-repo.ts';
import { parseTask } from '../task-file.ts';
import { say, type Cli } from './cli.ts';
import { numberOr } from './session-input.ts';
import { taskText, type Draft } from './task-text.ts';

/** Adds `init` to the program. */
export function addInit(program: Command, cli: Cli): void {
  program
    .command('init')
    .description(`write an ${TASK_FILE} for the repo in this folder`)
    .option('--train <command>', 'command of one training')
    .option('--metric <name>', 'the number that it prints and that is to improve')
    .option('--minimize', 'lower is better (the default)')
    .option('--maximize', 'higher is better')
    .option('--edit <file...>', 'files that may be edited; everything else is protected')
    .option('--seconds <n>', 'wall clock of one training (default: 300)')
    .option('--score <command>', 'command that measures the result, in a process of its own')
    .option('--name <name>', 'name of the task (default: of the folder)')
    .addHelpText('after', EXAMPLE)
    .action(async (options) => {
      const path = join(cli.cwd, TASK_FILE);
      if (existsSync(path))
        throw new InvalidInput(`Expected no ${TASK_FILE} here yet, got ${path}; edit it, or remove it first.`);
      await resolveRepo(cli.cwd);
      const text = taskText(draft(options, cli.cwd));
      parseTask(text, TASK_FILE);
      writeFileSync(path, text, { flag: 'wx' });
      cli.out(`${path}\n`);
      say(cli, `Commit it (git add ${TASK_FILE}; git commit), then: autoresearch start`);
    });
}

const EXAMPLE = `
Example:
  autoresearch init --train 'python train.py' --metric val_loss --edit train.py`;

interface Options {
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
