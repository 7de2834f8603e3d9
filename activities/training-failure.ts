import { moduleAdvice } from '../src/domain/missing-module.ts';
import { allowanceHere, passedWords } from '../src/trainer/allowance.ts';
import { diskAt } from '../src/trainer/disk.ts';
import { hasRoom } from '../src/trainer/full-disk.ts';
import { lastWords } from '../src/trainer/last-words.ts';
import type { TrialDirectory } from '../src/trainer/trial-directory.ts';
import type { Exit } from '../src/trainer/trial-spec.ts';
import type { TrainInput } from './contract.ts';

/** What ends a program that writes a larger file than it may, or is said to it where it asked for an error. */
const TOO_LARGE = { signal: 'SIGXFSZ', words: 'File too large' };
/** What programs say that look for the network, or for a file that may well be there for others. */
const SHUT_OUT = /name resolution|getaddrinfo|network is unreachable|no such file or directory: '\//i;
const SANDBOX_HINT = ' (the sandbox has no network and few files: see "Isolation" in the README)';

/** Why a training left nothing to score, in one sentence; null when it ended well. */
export function trainingFailure(exit: Exit, input: TrainInput, log: string, { root }: TrialDirectory): string | null {
  const { seconds, contract } = input;
  const { startupSeconds, stallSeconds } = contract.task.train;
  const words = lastWords(log);
  const said = words === '' ? `its log is empty${hasRoom(diskAt(root)) ? '' : ' and the disk is full'}` : words;
  const { reason, code, signal } = exit;
  const allowance = allowanceHere(contract.task.train.outputGb);
  const startup = startupSeconds === 0 ? '' : ` and ${startupSeconds} s of start-up`;
  if (reason === 'deadline') return `ran longer than its ${seconds} s${startup}, and was ended`;
  if (reason === 'stalled') return `printed nothing for ${stallSeconds} s and was ended: ${said}`;
  if (reason === 'stopped') return 'was stopped by a person';
  if (reason === 'processes' || reason === 'memory') return passedWords(reason, allowance);
  if (reason === 'output' || signal === TOO_LARGE.signal || (code !== 0 && words.includes(TOO_LARGE.words)))
    return passedWords('output', allowance);
  if (code === 0) return null;
  const advice = input.experiment === 0 ? moduleAdvice(log, contract.task) : null;
  const shutOut = exit.sandbox === 'bubblewrap' && SHUT_OUT.test(words) ? SANDBOX_HINT : '';
  const hint = advice === null ? shutOut : `; ${advice}`;
  return `${code === null ? `was ended by ${signal ?? 'a signal'}` : `exited with code ${code}`}: ${said}${hint}`;
}
