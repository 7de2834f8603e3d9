// Asks Python about Python: gate.py reads sources as syntax trees in a process of its own, and runs nothing of them.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import type { Files } from '../proposer.ts';

/** The classes of rules that deny_list.py and findings.py name. */
export const RULES = [
  'network',
  'process',
  'native',
  'introspection',
  'code',
  'patching',
  'exit',
  'thread',
  'seed',
] as const;

const fileSchema = z.union([
  z.object({
    /** Hash of its normal form: equal for files that do the same. */
    normal: z.string(),
    /** What stands in it that a rule is about. */
    findings: z.array(z.tuple([z.enum(RULES), z.string()])),
    /** How many characters its literals carry. */
    data: z.int(),
  }),
  /** Why it is no program of this Python. */
  z.object({ problem: z.string() }),
]);
const answerSchema = z.object({ python: z.string(), versions: z.array(z.record(z.string(), fileSchema)) });

/** What a Python file is. */
export type CodeReading = z.output<typeof fileSchema>;
/** Python's version, and for each version of the files what each file is, by path. */
export type CodeReadings = z.output<typeof answerSchema>;

/** Versions of the same Python files, and the names of the harness's modules. */
export interface CodeToRead {
  readonly versions: readonly Files[];
  readonly harness: readonly string[];
}

/** Reads all versions at once; null where this machine has no Python that can. */
export type ReadCode = (code: CodeToRead) => Promise<CodeReadings | null>;

const PROGRAM = fileURLToPath(new URL('gate.py', import.meta.url));
/** Reading takes a tenth of a second, and a machine that trains on all its cores has other things to do. */
const MOST_SECONDS = 120;
/** What a source gets that Python itself does not survive. */
const TOO_MUCH = 'it is too much for the parser';

/** Creates the reader. `warn` hears once, in a sentence, when there is no Python. */
export function createReadCode(warn: (text: string) => void, python = 'python3'): ReadCode {
  let warned = false;
  return async (code) => {
    const together = await ask(python, code);
    if (typeof together !== 'string') return together;
    // A source that takes Python with it must not pass for a machine without Python.
    const nothing = await ask(python, { ...code, versions: [] });
    if (typeof nothing !== 'string') return readApart(python, code, nothing.python);
    if (!warned) warn(`${sentence(python)}, got: ${nothing}. Edits of Python files train unseen; install it.`);
    warned = true;
    return null;
  };
}

const sentence = (python: string): string => `Expected ${python}, 3.9 or newer, to look at edits before they train`;

async function readApart(python: string, code: CodeToRead, version: string): Promise<CodeReadings> {
  const versions: CodeReadings['versions'] = [];
  for (const files of code.versions) {
    const answer = await ask(python, { ...code, versions: [files] });
    const failed = Object.fromEntries(Object.keys(files).map((path) => [path, { problem: TOO_MUCH }]));
    versions.push(typeof answer === 'string' ? failed : (answer.versions[0] ?? failed));
  }
  return { python: version, versions };
}

/** The answer, or what kept Python from one. */
async function ask(python: string, code: CodeToRead): Promise<CodeReadings | string> {
  // -I -S: neither the environment nor installed packages have a say; -B: nothing is written beside the program.
  const { failed, stdout, stderr, shortMessage } = await execa(python, ['-I', '-S', '-B', PROGRAM], {
    input: JSON.stringify(code),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    extendEnv: false,
    timeout: MOST_SECONDS * 1000,
    reject: false,
  });
  if (failed) return lastLine(stderr) || lastLine(shortMessage ?? '');
  return answerSchema.parse(JSON.parse(stdout));
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
