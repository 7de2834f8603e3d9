// What the control worker's environment says of coding agents: where they work, what they may see, and how long.
import { spawnSync } from 'node:child_process';
import { isAbsolute } from 'node:path';
import type { StateDirectory } from './config.ts';
import { InvalidInput } from './domain/invalid-input.ts';
import type { SessionInput } from './domain/session.ts';
import { commandLine, countsOf, programOf, templateOf } from './proposer/agent/presets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How a control worker runs agents. */
export interface Agents {
  /** Where they work, and where what came of it is kept. */
  readonly proposals: string;
  /** The state directory, which they do not see. */
  readonly root: string;
  readonly env: Environment;
  /** Wall clock of one proposal. */
  readonly seconds: number;
}

/** Longer than agents take for one idea; one that asks a question, or goes round in circles, ends then. */
const SECONDS = 900;

/** AUTORESEARCH_AGENT_SECONDS bounds one proposal. Throws `InvalidInput`. */
export function agentsIn({ root, proposals }: Pick<StateDirectory, 'root' | 'proposals'>, env: Environment): Agents {
  const text = env['AUTORESEARCH_AGENT_SECONDS'] ?? '';
  const seconds = text === '' ? SECONDS : Number(text);
  if (!(seconds >= 1 && seconds <= 86_400))
    throw new InvalidInput([
      `Expected AUTORESEARCH_AGENT_SECONDS to be a number of seconds from 1 to 86400, got ${JSON.stringify(text)}.`,
    ]);
  return { proposals, root, env, seconds };
}

/** What is wrong with a session's command, before anything is created; nothing for other proposers. */
export function agentProblems(
  { env }: Pick<Agents, 'env'>,
  { proposer, command = '', usd, tokens }: SessionInput,
): string[] {
  if (proposer !== 'command') return [];
  if (command === '') return ['Expected `command` to say what proposer `command` runs, got nothing.'];
  const template = templateOf(command);
  const problems: string[] = [];
  const program = programOf(template);
  if (program !== undefined && !isInstalled(program, env))
    problems.push(
      isAbsolute(program)
        ? `Expected \`command\` to start a program of this machine, got ${program}, which is not there or may not be run; see \`ls -l\`, and \`chmod +x\`.`
        : `Expected \`command\` to start a program of this machine, got ${program}, which is not on the PATH of the control worker; install it, then \`npx autoresearch down\` and start again.`,
    );
  const misread = whyMisread(template, env);
  if (misread !== '')
    problems.push(`Expected \`command\` to be a line that bash can read, got ${command} (${misread}).`);
  const counts = countsOf(template);
  if (usd !== undefined && counts !== 'usd')
    problems.push(
      `Expected a \`command\` that says what it costs where \`usd\` is set (claude, opencode, aider), got ${command}; bound \`experiments\` or \`hours\` instead.`,
    );
  if (tokens !== undefined && counts === 'nothing')
    problems.push(
      `Expected a \`command\` that says how many tokens it takes where \`tokens\` is set (a known agent with its JSON output), got ${command}; bound \`experiments\` or \`hours\` instead.`,
    );
  return problems;
}

/** A path in the repo is there when there is a tree. */
function isInstalled(program: string, { PATH = '' }: Environment): boolean {
  if (program.includes('/') && !isAbsolute(program)) return true;
  return (
    spawnSync('bash', ['-c', 'command -v -- "$1"', 'bash', program], { env: { PATH }, stdio: 'ignore' }).status === 0
  );
}

/** What bash has against a command line, which it only reads: a quote without its other; empty where nothing. */
function whyMisread(template: string, { PATH = '' }: Environment): string {
  // The line itself may switch extended patterns on, which reading alone does not.
  const reading = ['-n', '-O', 'extglob', '-c', commandLine(template)];
  const { status, stderr } = spawnSync('bash', reading, { env: { PATH }, encoding: 'utf8' });
  if (status === 0 || status === null) return '';
  const [first = ''] = stderr.split('\n');
  return first.replace(/^bash: (-c: )?(line \d+: )?/, '');
}
