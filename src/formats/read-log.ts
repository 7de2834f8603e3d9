// A log of another program, told apart by its first line.
import { InvalidInput } from '../domain/invalid-input.ts';
import type { PriorLog } from '../domain/prior.ts';
import { AUTOKERNEL_HEADER, priorOfAutokernel, readAutokernel } from './autokernel.ts';
import { karpathyMetric, priorOfKarpathy, readKarpathy } from './karpathy.ts';
import { linesOf } from './log-lines.ts';
import { priorOfPi, readPi } from './pi.ts';
import { priorOfRecords, readRecords } from './session-records.ts';

/** Reads a log, whichever program wrote it; throws `InvalidInput` with all that is wrong with it. */
export function readLog(text: string): PriorLog {
  const log = read(text);
  if (log.segments.some(({ experiments }) => experiments.length > 0)) return log;
  throw new InvalidInput('Expected a log with at least one experiment, got one without.');
}

function read(text: string): PriorLog {
  const first = linesOf(text)[0]?.text ?? '';
  if (karpathyMetric(first) !== undefined) return priorOfKarpathy(readKarpathy(text));
  if (first === AUTOKERNEL_HEADER) return priorOfAutokernel(readAutokernel(text));
  // Of JSON lines ours alone begin with a version.
  if (/^\{\s*"version"/.test(first)) return priorOfRecords(readRecords(text));
  if (first.startsWith('{')) return priorOfPi(readPi(text));
  const known = [
    'a results.tsv of karpathy/autoresearch (commit, val_bpb, memory_gb, status, description, between tabs)',
    `one of AutoKernel (${AUTOKERNEL_HEADER.replaceAll('\t', ', ')})`,
    'a log.jsonl of pi-autoresearch',
    'what `results --format jsonl` prints',
  ];
  const got = first === '' ? 'an empty file' : `a first line ${JSON.stringify(first.slice(0, 80))}`;
  throw new InvalidInput(`Expected ${known.join(', ')}, got ${got}.`);
}
