// The command line: arguments in, exit code out. Each command is a few lines over functions that know no terminal.
import { Command } from '@commander-js/extra-typings';
import { packageVersion } from '../config.ts';
import { addAsk } from './ask.ts';
import { addBackground } from './background.ts';
import { PIPE_COLUMNS, type Cli } from './cli.ts';
import { EXIT } from './exit.ts';
import { addForget } from './forget.ts';
import { addImport } from './import.ts';
import { addInit } from './init.ts';
import { addJudge } from './judge.ts';
import { addQuarantine } from './quarantine.ts';
import { paint } from './paint.ts';
import { addRecords } from './records.ts';
import { addService } from './service.ts';
import { addStart } from './start.ts';
import { addHint } from './hint.ts';
import { addSteer } from './steer.ts';
import { troubleOf } from './trouble.ts';
import { addVerify } from './verify.ts';
import { realWorld, type World } from './world.ts';

/**
 * Runs one command and returns its exit code: 0 done, 1 failure, 2 bad input, 3 not found, 4 no server.
 * Results go to stdout, words to stderr. The caller ends the process, once both are flushed.
 */
export async function main(argv: readonly string[], world: World = realWorld()): Promise<number> {
  let code: number = EXIT.done;
  const cli: Cli = { ...world, endWith: (ending) => (code = ending) };
  try {
    await createProgram(cli).parseAsync([...argv], { from: 'user' });
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble.text !== '') world.err(`${paint(trouble.text, 'bad', world.errColour)}\n`);
    return trouble.code;
  }
  return code;
}

function createProgram(cli: Cli): Command {
  const program = new Command('autoresearch')
    .description('Research sessions that cannot be lost and do not fool themselves.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: cli.out,
      writeErr: cli.err,
      getOutHelpWidth: () => PIPE_COLUMNS,
      getErrHelpWidth: () => PIPE_COLUMNS,
      outputError: (text, write) => write(paint(text.trimEnd(), 'bad', cli.errColour).concat('\n')),
    })
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  addStart(program, cli);
  addAsk(program, cli);
  addRecords(program, cli);
  addVerify(program, cli);
  addJudge(program, cli);
  addQuarantine(program, cli);
  addSteer(program, cli);
  addHint(program, cli);
  addForget(program, cli);
  addImport(program, cli);
  addInit(program, cli);
  addBackground(program, cli);
  addService(program, cli);
  return program;
}

const EXAMPLES = `
Examples:
  npx autoresearch demo                watch the bundled task
  npx autoresearch init --help         make your own repo ready
  npx autoresearch start               start a session on it
  npx autoresearch best --json         ask, also with everything stopped

Exit codes: 0 done, 1 failure, 2 bad input, 3 not found, 4 no server.`;
