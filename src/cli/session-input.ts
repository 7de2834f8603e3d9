// The options of `start` and `demo`: one for each field of the session input, all checked together.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { InvalidInput, parse } from '../domain/invalid-input.ts';
import { sessionInputSchema, type SessionInput } from '../domain/session.ts';

interface Field {
  readonly flags: string;
  readonly help: string;
  readonly number?: true;
  /** Numbers with commas between them. */
  readonly numbers?: true;
}

/** Every field of the session input but `repo`, which is the argument. */
const FIELDS: Readonly<Record<Exclude<keyof SessionInput, 'repo'>, Field>> = {
  ref: { flags: '--ref <ref>', help: 'branch, tag or commit to start from (default: HEAD)' },
  tag: { flags: '--tag <tag>', help: 'name of the branch autoresearch/<tag> (default: the session id)' },
  task: { flags: '--task <path>', help: 'task file in the repo (default: autoresearch.yaml)' },
  proposer: {
    flags: '--proposer <name>',
    help: 'who writes the edits: search, random, anthropic, hybrid, command (default: hybrid with a key, else search; demo: search)',
  },
  command: {
    flags: '--command <line>',
    help: 'what proposer command runs: claude, codex, gemini, opencode, aider, or a command line',
  },
  model: { flags: '--model <name>', help: 'which model proposes (default: ANTHROPIC_MODEL, else claude-sonnet-5-5)' },
  effort: {
    flags: '--effort <level>',
    help: "how hard it thinks: low, medium, high, xhigh, max (default: the model's)",
  },
  maxTokens: { flags: '--max-tokens <n>', help: 'most tokens of one answer (default: 16000)', number: true },
  reviewer: {
    flags: '--reviewer <model>',
    help: 'a model that reads what would be kept: what it doubts waits in quarantine (default: none)',
  },
  usd: { flags: '--usd <n>', help: 'US dollars to spend on models (default: no bound)', number: true },
  tokens: { flags: '--tokens <n>', help: 'tokens to spend on models (default: no bound)', number: true },
  experiments: {
    flags: '--experiments <n>',
    help: 'how many experiments to run (default: 100; demo: 20)',
    number: true,
  },
  hours: { flags: '--hours <n>', help: 'hours of wall clock to spend (default: no bound)', number: true },
  gpuHours: { flags: '--gpu-hours <n>', help: 'hours of training to spend (default: no bound)', number: true },
  trialSeconds: {
    flags: '--trial-seconds <n>',
    help: "seconds of one training (default: the task file's)",
    number: true,
  },
  parallel: {
    flags: '--parallel <n>',
    help: 'experiments to try at once, each on a device of its own (default: 1)',
    number: true,
  },
  lookahead: {
    flags: '--lookahead <n>',
    help: 'proposals to write ahead while devices train (default: 1)',
    number: true,
  },
  rule: { flags: '--rule <name>', help: 'how gains are judged: fast, strict, greedy (default: default)' },
  audit: { flags: '--audit <when>', help: 'measure the claim again: all, end, none (default: all; greedy: none)' },
  scale: {
    flags: '--scale <n,…>',
    help: 'multiples of a training’s time for which to measure the gain too, at the end: 2,4 (default: none)',
    numbers: true,
  },
  calibration: { flags: '--calibration <n>', help: 'seeds of the baseline (default: 5; greedy: 3)', number: true },
  approve: { flags: '--approve', help: 'try nothing before you say yes (`approve <n>`) or no (`veto <n>`)' },
  approveMinutes: {
    flags: '--approve-minutes <n>',
    help: 'how long to wait for that (default: as long as it takes)',
    number: true,
  },
  approveThen: { flags: '--approve-then <what>', help: 'and what then: try, drop (default: drop)' },
  strictMachine: { flags: '--strict-machine', help: 'block when the machine is noisier than it used to be' },
  seed: { flags: '--seed <n>', help: "seed of the session, to repeat it (default: the session's own)", number: true },
  push: { flags: '--push <what>', help: 'what to push to the repo: all, kept, none (default: all)' },
  keepOutputs: { flags: '--keep-outputs <whose>', help: 'whose outputs stay on disk: best, all (default: best)' },
  continueFrom: {
    flags: '--continue-from <session>',
    help: 'go on from the ledger of a session that is over, or that the server has lost',
  },
};

/** The options, ready to be added to a command. */
export function inputOptions(): Option[] {
  const json = new Option('--input <json>', 'the same as JSON, or @file; options given beside it win');
  return [...Object.values(FIELDS).map(({ flags, help }) => new Option(flags, help)), json];
}

/** The session input that options and `--input` say; throws `InvalidInput` with every mistake, named as it was given. */
export function sessionInput(
  options: Readonly<Record<string, unknown>>,
  repo: string | undefined,
  cwd: string,
): SessionInput {
  const given: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(FIELDS)) {
    const value = options[key];
    if (value !== undefined) given[key] = asField(field, value);
  }
  if (repo !== undefined) given['repo'] = repo;
  const json = jsonInput(options['input'], cwd);
  try {
    return parse(sessionInputSchema, { ...json, ...given }, 'the session input');
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(error.problems.map((problem) => asGiven(problem, given)));
  }
}

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

function asField({ number, numbers }: Field, value: unknown): unknown {
  if (numbers === true && typeof value === 'string') return value.split(',').map(numberOr);
  return number === true ? numberOr(value) : value;
}

/** A decimal number as number; anything else stays the text that it is, and is refused as such. */
export function numberOr(value: unknown): unknown {
  if (typeof value !== 'string' || !DECIMAL.test(value.trim())) return value;
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

/** A whole number that a person wrote; throws `InvalidInput` naming the argument. */
export function wholeNumber(name: string, text: string, least: number): number {
  const number = numberOr(text);
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least) return number;
  throw new InvalidInput(
    `Expected \`${name}\` to be a whole number of at least ${least}, got ${JSON.stringify(text)}.`,
  );
}

/** Names a field as the person wrote it: `--gpu-hours` for an option, `gpuHours` in JSON. */
function asGiven(problem: string, given: Readonly<Record<string, unknown>>): string {
  return problem.replace(/^Expected `(\w+)(?:\.\d+)?`/, (whole, key: string) => {
    if (!Object.hasOwn(given, key)) return whole;
    return key === 'repo' ? 'Expected `[repo]`' : `Expected \`${optionName(key)}\``;
  });
}

/** `gpuHours` as an option: `--gpu-hours`. */
export const optionName = (key: string): string =>
  `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function jsonInput(input: unknown, cwd: string): object {
  if (typeof input !== 'string') return {};
  const file = input.startsWith('@') ? resolve(cwd, input.slice(1)) : undefined;
  const what = file === undefined ? '`--input`' : `\`--input\` file ${file}`;
  const value = parseJson(file === undefined ? input : readText(file), what);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidInput(`Expected ${what} to be a JSON object, got ${JSON.stringify(value).slice(0, 60)}.`);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidInput(`Expected ${what} to be JSON, got ${JSON.stringify(text.slice(0, 60))}: ${why}.`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InvalidInput(`Expected \`--input\` to name a file that can be read, got ${file}: ${why}.`);
  }
}
