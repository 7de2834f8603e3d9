// Does training see what it is to be judged by? Compares the data that the task hides from training with the rest, by runs
// of bytes that stand in both, wherever they stand and however the files are cut.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { filesIn } from './data-folder.ts';
import { readJson, writeJson } from './durable-file.ts';

const overlapSchema = z.object({
  /** 0 to 1, of the runs that were compared. */
  share: z.number(),
  /** Runs of the hidden data that were compared. */
  compared: z.number(),
  /** The hidden file with the largest share; null where none has enough to compare. */
  worst: z.object({ path: z.string(), share: z.number() }).nullable(),
});
/** How much of the hidden data training sees too. */
export type Overlap = z.output<typeof overlapSchema>;

/** Files of one language or project share so much by honest chance: 0.07 to 0.09 in the bundled task. */
const MOST_SHARE = 0.25;
/** A single file that is nearly all there was put there. */
const MOST_OF_A_FILE = 0.5;
/** Of fewer runs a share says little. */
const LEAST_COMPARED = 32;

const percent = (part: number): string => `${Math.round(100 * part)} %`;

/** Why scores on hidden data would mean nothing, in one sentence; null where training sees little of it. */
export function overlapProblem({ share, compared, worst }: Overlap): string | null {
  if (compared < LEAST_COMPARED || worst === null) return null;
  if (share <= MOST_SHARE && worst.share <= MOST_OF_A_FILE) return null;
  return `Expected what the task hides from training (\`hidden\`) not to stand in the data that training sees, but ${percent(share)} of it does (of ${worst.path} ${percent(worst.share)}): no score on it would mean anything. Let \`prepare\` cut the data so that no part repeats in another.`;
}

/** One run in 2^9 is compared: which ones, their content says, so that both sides choose the same. */
const CHOICE_SHIFT = 32 - 9;
/** A run has so many bytes and 32 more: what two files of one language have in common by chance is shorter. */
const EARLIER = 64;
/** Bytes of each side that are read; more would keep the first training waiting for minutes. */
const MOST_BYTES = 512e6;

/** The same, found once for a prepared environment and kept beside it in `root`. */
export async function overlapIn(root: string, data: string, hidden: readonly string[]): Promise<Overlap> {
  const key = createHash('sha256').update(JSON.stringify(hidden)).digest('hex').slice(0, 16);
  const path = join(root, `overlap-${key}.json`);
  const known = readJson(path, overlapSchema);
  if (known.status === 'ok') return known.value;
  const overlap = await findOverlap(data, hidden);
  writeJson(path, overlap);
  return overlap;
}

/** The share of the files below `hidden` (paths in `data`) whose content stands in the other files of `data` too. */
export async function findOverlap(data: string, hidden: readonly string[]): Promise<Overlap> {
  const paths = await filesIn(data);
  const isHidden = (path: string): boolean =>
    hidden.some((name) => path === name || path.startsWith(name.endsWith(sep) ? name : `${name}${sep}`));
  const shown = new Set<number>();
  await eachRun(
    data,
    paths.filter((path) => !isHidden(path)),
    (_path, run) => shown.add(run),
  );
  const found = new Map<string, { in: number; of: number }>();
  await eachRun(data, paths.filter(isHidden), (path, run) => {
    const counts = found.get(path) ?? { in: 0, of: 0 };
    found.set(path, { in: counts.in + (shown.has(run) ? 1 : 0), of: counts.of + 1 });
  });
  const total = [...found.values()].reduce((sum, one) => ({ in: sum.in + one.in, of: sum.of + one.of }), {
    in: 0,
    of: 0,
  });
  const [worst] = [...found]
    .filter(([, counts]) => counts.of >= LEAST_COMPARED)
    .map(([path, counts]) => ({ path, share: counts.in / counts.of }))
    .toSorted((one, other) => other.share - one.share);
  return { share: total.of === 0 ? 0 : total.in / total.of, compared: total.of, worst: worst ?? null };
}

/** Calls back with a number for each chosen run of bytes of the files, until enough was read. */
async function eachRun(
  data: string,
  paths: readonly string[],
  onRun: (path: string, run: number) => void,
): Promise<void> {
  let left = MOST_BYTES;
  for (const path of paths) {
    if (left <= 0 || !(await lstat(join(data, path))).isFile()) continue;
    const look = createLook();
    for await (const chunk of createReadStream(join(data, path), { end: left - 1 }))
      for (const run of look(chunk)) onRun(path, run);
    left -= (await lstat(join(data, path))).size;
  }
}

/**
 * Names the chosen runs in the bytes of one file. A gear hash (Xia et al. 2014, FastCDC): each byte's number is added to
 * the doubled sum of those before it, which so forgets what is more than 32 bytes ago. One sum chooses; the name is made
 * of the others, of the run's end and of its beginning.
 */
function createLook(): (bytes: Uint8Array) => number[] {
  const before = new Int32Array(EARLIER);
  let [choice, name] = [0, 0];
  let seen = 0;
  return (bytes) => {
    const runs: number[] = [];
    for (const byte of bytes) {
      choice = ((choice << 1) + (GEAR[byte] ?? 0)) | 0;
      name = ((name << 1) + (GEAR[256 + byte] ?? 0)) | 0;
      const at = seen++ % EARLIER;
      if (choice >>> CHOICE_SHIFT === 0 && seen > EARLIER + 32)
        runs.push((name >>> 0) * 2 ** 21 + ((before[at] ?? 0) >>> 11));
      before[at] = name;
    }
    return runs;
  };
}

/** Any fixed numbers would do that look random. */
const GEAR = Int32Array.from({ length: 512 }, (_none, index) =>
  createHash('sha256').update(`${index}`).digest().readInt32LE(),
);
