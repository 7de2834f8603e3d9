// Asks a GPU's driver by the program that comes with it. How that fails is a value: such a program may be missing, may not
// know what it is asked, and of a broken driver it never answers.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** The programs that tell of GPUs. */
type DriverProgram = 'nvidia-smi' | 'rocm-smi';

/** What it answered. `refused`: it is not there, or it does not know what was asked. */
export type Answer = { readonly kind: 'said'; readonly text: string } | { readonly kind: 'refused' | 'silent' };

// A broken driver lets it hang, where not even KILL ends it.
const TIMEOUT_MS = 10_000;
const MARGIN_MS = 1000;

/** Runs such a program with these arguments. */
export async function askDriver(
  program: DriverProgram,
  query: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  timeoutMs = TIMEOUT_MS,
): Promise<Answer> {
  const over = new AbortController();
  const late = sleep(timeoutMs + MARGIN_MS, { kind: 'silent' } as const, { signal: over.signal });
  const asked = new Promise<Answer>((resolve) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', env } as const;
    execFile(program, [...query], options, (error, text) => {
      if (error === null) resolve({ kind: 'said', text });
      else resolve({ kind: error.killed === true ? 'silent' : 'refused' });
    });
  });
  const first = await Promise.race([asked, late]);
  over.abort();
  return first;
}
