// Why a trial gave no value, and who is to blame. What a training prints decides the class alone, never the blame:
// printing is free, and who could call the machine guilty would train a second time whenever it liked.
import { z } from 'zod';
import type { EXIT_REASONS } from './experiment.ts';
import { saysNotANumber } from './progress.ts';

/** What went wrong; `preflight` is said by whoever refuses a candidate before it runs. */
const CRASH_CLASSES = [
  'preflight',
  'import',
  'compile',
  'oom',
  'nan',
  'timeout',
  'stall',
  'assertion',
  'data',
  'killed-by-machine',
  'unknown',
] as const;

/** A crash as records have it. `machine`: proved by the supervisor, so that the trial is run again with its seed. */
export const crashSchema = z.object({ class: z.enum(CRASH_CLASSES), fault: z.enum(['idea', 'machine']) });
/** A crash's class and fault. */
export type Crash = z.output<typeof crashSchema>;

/** Of a candidate that a check refuses before it takes any time of the device. */
export const REFUSED: Crash = { class: 'preflight', fault: 'idea' };

/** What the supervisor knows of a training that left nothing to score. */
export interface TrainingEnd {
  readonly reason: (typeof EXIT_REASONS)[number];
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether the kernel killed some process for want of memory meanwhile. */
  readonly oomKilled: boolean;
  /** Whether the signal came from within its sandbox, where nobody else is. */
  readonly isOwnSignal: boolean;
  /** Whether the device stopped answering while the training had it. */
  readonly deviceLost: boolean;
  /** Whether somebody else had memory of the device before the training began. */
  readonly deviceShared: boolean;
  /** The end of what it printed. */
  readonly log: string;
}

/** Classifies a training that failed. */
export function classifyTraining(end: TrainingEnd): Crash {
  const { reason, oomKilled, isOwnSignal, deviceLost, deviceShared, log } = end;
  if (reason === 'deadline') return ofIdea('timeout');
  if (reason === 'stalled') return deviceLost ? ofMachine('killed-by-machine') : ofIdea('stall');
  if (reason === 'memory') return ofIdea('oom');
  // Too many processes, too much output: ended for what it did, whatever signal that took.
  if (reason === 'stopped' || reason === 'processes' || reason === 'output') return ofIdea('unknown');
  if (deviceLost) return ofMachine('killed-by-machine');
  const said = classOf(log);
  if (said === 'oom')
    return deviceShared && DEVICE_MEMORY.test(lastWordsOf(log).words) ? ofMachine('oom') : ofIdea('oom');
  // A child that the kernel took, such as a loader process, ends its parent with an error of the parent's own.
  if (oomKilled && (isKilled(end, KERNELS_SIGNAL) || /\bkilled\b/i.test(log))) return ofIdea('oom');
  if (!isOwnSignal && isKilled(end, SIGNALS_FROM_OUTSIDE)) return ofMachine('killed-by-machine');
  return ofIdea(said);
}

/** Classifies a candidate that trained but got no value: what the scorer said decides, else what training printed. */
export function classifyScoring(scoring: {
  readonly words: string;
  /** Which limit scoring broke, if any. */
  readonly broke?: 'seconds' | 'processes' | 'memory' | 'output' | undefined;
  readonly log: string;
}): Crash {
  if (scoring.broke === 'seconds') return ofIdea('timeout');
  if (scoring.broke !== undefined) return ofIdea(scoring.broke === 'memory' ? 'oom' : 'unknown');
  const said = classOf(scoring.words);
  return ofIdea(said === 'unknown' && saysNotANumber(scoring.log) ? 'nan' : said);
}

/** Why there is no value, in words: `out of memory: exited with code 1: …`. */
export function crashSentence(crash: Crash | undefined, failure: string): string {
  if (crash === undefined) return failure;
  const blame = crash.fault === 'machine' ? " (the machine's fault)" : '';
  const words = WORDS[crash.class];
  return words === '' ? `${failure}${blame}` : `${words}${blame}: ${failure}`;
}

/** Empty where the failure's own sentence says it. */
const WORDS = {
  preflight: 'refused before it ran',
  import: 'an import failed',
  compile: 'the code does not compile',
  oom: 'out of memory',
  nan: 'NaN or infinity',
  timeout: '',
  stall: '',
  assertion: 'an assertion failed',
  data: 'a file is missing',
  'killed-by-machine': 'killed from outside',
  unknown: '',
} as const satisfies Record<Crash['class'], string>;

const ofIdea = (name: Crash['class']): Crash => ({ class: name, fault: 'idea' });
const ofMachine = (name: Crash['class']): Crash => ({ class: name, fault: 'machine' });

/** Those that no program is sent for what it did itself; the supervisor sends them only with a reason of its own. */
const SIGNALS_FROM_OUTSIDE: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
/** What the kernel sends when memory is short. */
const KERNELS_SIGNAL: Readonly<Record<string, number>> = { SIGKILL: 9 };
/** A shell says which signal ended its command by a code above this. */
const SHELL_SIGNAL = 128;

const isKilled = ({ signal, code }: TrainingEnd, by: Readonly<Record<string, number>>): boolean =>
  Object.entries(by).some(([name, number]) => signal === name || code === SHELL_SIGNAL + number);

/** Memory of the device, as PyTorch, CUDA and JAX say it; a machine's own memory is another matter. */
const DEVICE_MEMORY = /\b(?:CUDA|HIP)\b|OutOfMemoryError|RESOURCE_EXHAUSTED/i;

/** In this order: an import that fails for want of a file is an import. */
const PATTERNS = [
  [
    'oom',
    /\bout of memory\b|MemoryError|OutOfMemory|RESOURCE_EXHAUSTED|\bbad_alloc\b|(?:cannot|can't|unable to) allocate/i,
  ],
  ['import', /\bModuleNotFoundError|\bImportError|cannot import name|error while loading shared libraries/],
  [
    'compile',
    /\b(?:SyntaxError|IndentationError|TabError)|Compil\w*Error|BackendCompilerFailed|InductorError|\bnvcc (?:fatal|error)|\bptxas (?:fatal|error)|ninja: build stopped/,
  ],
  ['data', /\b(?:FileNotFoundError|NotADirectoryError|IsADirectoryError)|No such file or directory/],
] as const satisfies readonly (readonly [Crash['class'], RegExp])[];

const NOT_A_NUMBER = /\bnans?\b|\binf(?:inity)?\b|\b(?:not|non)[- ]?finite\b|\bis no number\b/i;
const ASSERTION = /\bAssertionError|\bassert(?:ion)? .*\b(?:failed|triggered)\b/i;

/** Python names the error at the beginning of a line, and what stands after it belongs to it. */
const PYTHON_ERROR = /^(?:[A-Za-z_]\w*\.)*_*[A-Z]\w*(?:Error|Exception|Interrupt|Failed|Exit)\b/;
/** Where no error is named, only the last lines count: a warning at the start explains nothing. */
const LAST_LINES = 8;

/** What of a text says how it ended: its last error with all that follows, else its last lines. */
function lastWordsOf(text: string): { readonly words: string; readonly isError: boolean } {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const error = lines.findLastIndex((line) => PYTHON_ERROR.test(line));
  return { words: lines.slice(error === -1 ? -LAST_LINES : error).join('\n'), isError: error !== -1 };
}

/** The class that a text speaks of. A loss that is no number explains what nothing else does, assertions too. */
function classOf(text: string): Crash['class'] {
  const { words, isError } = lastWordsOf(text);
  const found = PATTERNS.find(([, pattern]) => pattern.test(words))?.[0];
  if (found !== undefined) return found;
  const end = isError ? words : (words.split('\n').at(-1) ?? '');
  if (NOT_A_NUMBER.test(end) || saysNotANumber(text)) return 'nan';
  return ASSERTION.test(words) ? 'assertion' : 'unknown';
}
