// Starts again what died of the background services. It decides nothing itself: `up` knows what must run, and holds the
// lock that keeps two starts apart.
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { stateDirectory } from '../config.ts';
import { services, up, WORKERS, type DaemonOptions, type ServiceProcess } from './daemon.ts';

const LOOK_MS = 1000;
/** What has run for so long did not die of its start. */
const STEADY_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;

/** How long to wait before the next start after `failures` of them in a row: 0, 1, 2, 4, … 60 s. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** (failures - 1));
}

/** Looks after the services until `signal` ends it: what dies is started again, ever later while it keeps dying. */
export async function watchServices(options: DaemonOptions & { readonly signal: AbortSignal }): Promise<void> {
  const { say = () => {}, signal, ...rest } = options;
  let failures = 0;
  let startedAt = 0;
  while (!signal.aborted) {
    const trouble = await troubleNow(rest);
    if (trouble === undefined) {
      await delay(LOOK_MS, undefined, { signal }).catch(() => {});
      continue;
    }
    if (Date.now() - startedAt > STEADY_MS) failures = 0;
    const pause = pauseAfter(failures);
    say(`${trouble} starting again${pause === 0 ? '' : ` in ${pause / 1000} s`}.`);
    await delay(pause, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    failures += 1;
    startedAt = Date.now();
    try {
      const { processes } = await up({ say, ...rest });
      say(`Running: ${named(processes)}.`);
    } catch (error) {
      say(wordsOf(error));
    }
  }
}

/** Why `up` is to be called, in words that go on with what it does; undefined while all is well. */
async function troubleNow(options: DaemonOptions): Promise<string | undefined> {
  const { directory = stateDirectory() } = options;
  try {
    const isThere = existsSync(directory.services);
    const { processes, embedded, problems = [] } = await services(options);
    const dead = processes.filter(({ alive }) => !alive);
    if (dead.length > 0) return `${named(dead)} ended;`;
    if (problems.length > 0) return `${problems.join(' ')} Now`;
    // Whoever reads knows all the same what runs, but nobody would know what has died since.
    if (!isThere) return `${directory.services} is gone;`;
    const expected = [...(embedded ? (['temporal-server'] as const) : []), ...WORKERS];
    const missing = expected.filter((one) => !processes.some(({ name }) => name === one));
    return missing.length === 0 ? undefined : `${missing.join(', ')} not in ${directory.services};`;
  } catch (error) {
    return `${wordsOf(error)} Now`;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const named = (processes: readonly ServiceProcess[]): string =>
  processes.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
