// `init`: a task file for the repo around here, from a few options. The person asked for a file in their checkout, and
// this is the one command that writes there.
import type { Command } from '@commander-js/extra-typings';
import { TASK_FILE } from '../domain/task.ts';
import { printJson, say, type Cli } from './cli.ts';

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
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLE)
    .action(async ({ json, ...options }) => {
      const { writeTask } = await import('./write-task.ts');
      const path = await writeTask(options, cli.cwd);
      if (json === true) printJson(cli, { path });
      else cli.out(`${path}\n`);
      say(cli, `Commit it (git add ${TASK_FILE}; git commit), then: npx autoresearch start`);
    });
}

const EXAMPLE = `
Example:
  npx autoresearch init --train 'python train.py' --metric loss --edit train.py`;
