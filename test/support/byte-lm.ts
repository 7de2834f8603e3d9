// The bundled task as a machine runs it: an environment of its own, made by prepare.py, and its programs run in it.
// Making the environment fetches numpy unless pip has it in its cache.
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';

export const packageRoot = join(import.meta.dirname, '../..');
export const byteLm = join(packageRoot, 'tasks/byte-lm');

/** Runs prepare.py for the package at `root`; leaves `env` and `data` in `folder`. */
export async function prepareByteLm(root: string, folder: string) {
  const env = { AUTORESEARCH_ENV: join(folder, 'env'), AUTORESEARCH_DATA: join(folder, 'data') };
  await mkdir(env.AUTORESEARCH_ENV);
  await mkdir(env.AUTORESEARCH_DATA);
  const cache = { PIP_CACHE_DIR: join(homedir(), '.cache/pip'), ...process.env };
  const options = { cwd: byteLm, reject: false, env: { ...cache, ...env, AUTORESEARCH_PACKAGE: root } };
  return execa('python3', ['prepare.py'], options);
}

/** One program of the task, the folder it runs in and what the harness would tell it. */
export type ByteLmRun = {
  readonly program: string;
  readonly cwd?: string;
  readonly out: string;
  readonly seed?: number;
  readonly seconds?: number;
};

/** Runs train.py or score.py with the environment and data that `prepareByteLm` left in `prepared`. */
export function runByteLm(prepared: string, { program, cwd = byteLm, out, seed = 1, seconds = 0 }: ByteLmRun) {
  const env = {
    PATH: `${join(prepared, 'env/bin')}:${process.env['PATH']}`,
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    AUTORESEARCH_DATA: join(prepared, 'data'),
    AUTORESEARCH_OUT: out,
    AUTORESEARCH_SEED: String(seed),
    AUTORESEARCH_SECONDS: String(seconds),
  };
  return execa('python', [program], { cwd, env, extendEnv: false, reject: false });
}

/** The folder of each split below `data`. */
export const splits = { train: 'train', val: 'holdout/val', sealed: 'holdout/sealed' };

const indexSchema = z.object({
  streams: z.array(z.number()).optional(),
  documents: z.array(z.object({ name: z.string(), start: z.number(), bytes: z.number(), sha256: z.string() })),
});

/** What prepare.py wrote down of a split, in the folder that it prepared. */
export async function readIndex(folder: string, split: keyof typeof splits) {
  return indexSchema.parse(JSON.parse(await readFile(join(folder, 'data', splits[split], 'index.json'), 'utf8')));
}
