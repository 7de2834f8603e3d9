// Errors as a person meets them: one exit code and a few plain lines for each class, a trace for nobody but us.
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from '@commander-js/extra-typings';
import { stateDirectory } from '../config.ts';
import { EXIT, type ExitCode } from './exit.ts';

/** How a command that threw ends. */
export interface Trouble {
  readonly code: ExitCode;
  /** Empty when the person has been told already. */
  readonly text: string;
}

// By name, not by class: the classes live in client.ts, and importing that brings all of Temporal along.
const BY_NAME: Readonly<Record<string, ExitCode>> = {
  InvalidInput: EXIT.badInput,
  MachineNotReady: EXIT.badInput,
  UnknownSession: EXIT.notFound,
  NoServer: EXIT.noServer,
};

/** Sorts an error by its class; a bug of ours is written down with its trace, in the log that the text names. */
export function troubleOf(error: unknown, environment: NodeJS.ProcessEnv = process.env): Trouble {
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.done : EXIT.badInput, text: '' };
  const debug = environment['AUTORESEARCH_DEBUG'] === '1';
  if (!(error instanceof Error)) return { code: EXIT.failure, text: `A bug of ours: ${String(error)}` };
  const trace = debug ? `\n${error.stack ?? ''}` : '';
  if (!isBug(error)) return { code: BY_NAME[error.name] ?? EXIT.failure, text: `${error.message}${trace}` };
  return {
    code: EXIT.failure,
    text: `A bug of ours: ${error.name}: ${firstLine(error.message)}\n${keep(error)}${trace}`,
  };
}

const BUGS = new Set([
  'TypeError',
  'ReferenceError',
  'RangeError',
  'SyntaxError',
  'AssertionError',
  '$ZodError',
  'ZodError',
]);

/** Whether an error can only be a mistake in this program. */
export const isBug = (error: Error): boolean => BUGS.has(error.name);

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** Where the trace of a bug is to be found. */
function keep(error: Error): string {
  const { logs } = stateDirectory();
  const log = join(logs, 'cli.log');
  const entry = `${new Date().toISOString()} ${process.argv.slice(2).join(' ')}\n${error.stack ?? error.message}\n\n`;
  try {
    mkdirSync(logs, { recursive: true, mode: 0o700 });
    appendFileSync(log, entry, { mode: 0o600 });
    return `Its trace is in ${log}; please send it to us with what you did.`;
  } catch {
    return 'Its trace could not be written down; AUTORESEARCH_DEBUG=1 shows it.';
  }
}
