// A GPU for tests: nvidia-smi in a folder of its own, which answers out of files that a test writes beside it.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../fixtures/trainer/gpu/nvidia-smi', import.meta.url));

/** The UUID of the GPU. */
export const UUID = 'GPU-aaaa';
const BUSY = { clock: '1980', watts: '645.20', celsius: '61', usedMb: '30210', reasons: '0x0000000000000000' };

/** A GPU under a test's control. */
export interface TestGpu {
  readonly folder: string;
  /** An environment in which nvidia-smi is this one. */
  readonly env: NodeJS.ProcessEnv;
  /** Sets what a look shows. */
  readonly shows: (figures?: Partial<typeof BUSY>) => void;
  /** Sets which processes have memory of it, in the words of nvidia-smi. */
  readonly has: (...rows: readonly string[]) => void;
  /** The same for the next look alone. */
  readonly hasOnce: (row: string) => void;
  /** The driver gives no answer any more. */
  readonly isLost: () => void;
  /** It is of an older driver, or hangs. */
  readonly becomes: (what: 'old-driver' | 'hangs') => void;
  /** What it was asked. */
  readonly calls: () => readonly string[];
}

/** Makes a GPU with nothing on it; the folder is made in `parent`. */
export function makeGpu(parent: string): TestGpu {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'gpu-'));
  const at = (name: string): string => join(folder, name);
  copyFileSync(PROGRAM, at('nvidia-smi'));
  const gpu: TestGpu = {
    folder,
    env: { PATH: [folder, process.env['PATH']].join(delimiter) },
    shows: (figures) => {
      const { clock, watts, celsius, usedMb, reasons } = { ...BUSY, ...figures };
      const row = ['550.54.15', clock, '2619', watts, '700.00', celsius, usedMb, reasons, 'NVIDIA H100 80GB HBM3'];
      writeFileSync(at('figures.csv'), `${row.join(', ')}\n`);
    },
    has: (...rows) => writeFileSync(at('apps.csv'), rows.map((row) => `${row}\n`).join('')),
    hasOnce: (row) => writeFileSync(at('apps-once.csv'), `${row}\n`),
    isLost: () => rmSync(at('figures.csv')),
    becomes: (what) => writeFileSync(at(what), ''),
    calls: () => (existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trimEnd().split('\n') : []),
  };
  gpu.shows();
  gpu.has();
  writeFileSync(at('devices.csv'), `0, ${UUID}, NVIDIA H100 80GB HBM3\n`);
  return gpu;
}
