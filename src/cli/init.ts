// `init`: a task file for the repo around here, from a few options or another program's project. The person asked for a
// file in their checkout, and this is the one command that writes there.
import type { Command } from '@commander-js/extra-typings';
import { projectKindSchema } from '../domain/project.ts';
import { TASK_FILE } from '../domain/task.ts';
import { inWords } from '../formats/find-project.ts';
import { printJson, say, type Cli } from './cli.ts';

/** Adds `init` to the program. */
export function addInit(program: Command, cli: Cli): void {
  program
    .command('init')
    .description(`write an ${TASK_FILE} for the repo in this folder`)
    .option('--train <command>', 'command of one training')
    .option('--metric <name>', 'the number that it prints and that is to improve')
    .option('--target <target>', "what is to be reached in as few seconds as possible: 'val_bpb <= 3.28'")
    .option('--minimize', 'lower is better (the default)')
    .option('--maximize', 'higher is better')
    .option('--edit <file...>', 'files that may be edited, or patterns; everything else is protected')
    .option('--seconds <n>', 'wall clock of one training (default: 300)')
    .option('--score <command>', 'command that measures the result, in a process of its own')
    .option('--paired <n>', 'measure beside the baseline, in so many blocks of runs: times, latencies')
    .option('--name <name>', 'name of the task (default: of the folder)')
    .option('--kind <kind>', `another program's project here, where there are several: ${KINDS}`)
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLE)
    .action(async ({ json, ...options }) => {
      const { writeTask } = await import('./write-task.ts');
      const { path, project, timed } = await writeTask(options, cli.cwd);
      if (project !== undefined) say(cli, `It follows from a project of ${inWords(project)}.`);
      if (project?.kind === 'pi') say(cli, lostWords(project.derive().experiments));
      if (timed !== undefined)
        say(cli, `${timed} is a time or a rate, measured best beside the baseline: see \`paired\` in ${TASK_FILE}.`);
      if (json === true) printJson(cli, { path });
      else cli.out(`${path}\n`);
      say(cli, `Commit it (git add ${TASK_FILE}; git commit), then: npx autoresearch start`);
    });
}

/** What a task that is written out no longer has of pi-autoresearch; only `experiments` can be said elsewhere. */
function lostWords(experiments: number | undefined): string {
  const most =
    experiments === undefined ? '' : `, and \`maxIterations\` is not read (say \`start --experiments ${experiments}\`)`;
  return `Written out, it is a task of yours: commits get no \`Result:\` line${most}. A file with nothing but what is otherwise keeps that.`;
}

const KINDS = projectKindSchema.options.join(', ');
const EXAMPLE = `
Examples:
  npx autoresearch init                          in a project of another program
  npx autoresearch init --train 'python train.py' --metric loss --edit train.py
  npx autoresearch init --train ./train.sh --metric loss --edit 'net/**/*.py'
  npx autoresearch init --train ./train.sh --target 'loss <= 3' --edit train.py`;
