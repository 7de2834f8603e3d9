// What may happen to the processes of a machine, and the wait until they work again.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDirectory } from '../../src/config.ts';
import { identify, readBootId } from '../../src/trainer/process-identity.ts';
import { environmentOf, listProcesses } from '../../src/trainer/process-table.ts';
import { liveTrials } from '../../src/trainer/sweep.ts';
import { pidNoteSchema } from '../../src/trainer/trial-spec.ts';
import type { Product } from '../support/product.ts';
import { until } from '../support/until.ts';

const SERVICES = ['watchdog', 'temporal-server', 'control-worker', 'device-worker'] as const;

/** What is killed, and how. */
export interface Disaster {
  readonly kills: readonly ((typeof SERVICES)[number] | 'supervisor' | 'training')[];
  readonly signal: 'SIGKILL' | 'SIGTERM';
}

/** A machine's worth of services at once, but not the trainings. */
export const ALL_SERVICES = { kills: SERVICES, signal: 'SIGKILL' } as const satisfies Disaster;

/** Everything goes, and what the files say of processes is of another boot. */
export const REBOOT = { kills: [...SERVICES, 'supervisor', 'training'], signal: 'SIGKILL' } as const satisfies Disaster;

/** What happens at random in a night. */
export const DISASTERS = [
  { kills: ['control-worker'], signal: 'SIGKILL' },
  { kills: ['control-worker'], signal: 'SIGTERM' },
  { kills: ['device-worker'], signal: 'SIGKILL' },
  { kills: ['device-worker'], signal: 'SIGTERM' },
  { kills: ['temporal-server'], signal: 'SIGKILL' },
  { kills: ['temporal-server'], signal: 'SIGTERM' },
  { kills: ['supervisor'], signal: 'SIGKILL' },
  { kills: ['training'], signal: 'SIGKILL' }, // or what scores it
  { kills: ['watchdog'], signal: 'SIGKILL' },
  ALL_SERVICES,
  REBOOT,
] as const satisfies readonly Disaster[];

/** A disaster in words. */
export function nameOf({ kills, signal }: Disaster): string {
  const what = kills.length === 1 ? kills[0] : kills.includes('training') ? 'reboot' : 'all services';
  return `${what} ${signal}`;
}

/** Kills. Returns the trials whose supervisor was meant; null when nothing of it lived just now. */
export function strike(product: Product, { kills, signal }: Disaster): string[] | null {
  const pids: Record<string, number> = product.services();
  const supervised = kills.includes('supervisor') ? supervisors(product) : [];
  const trainings = kills.includes('training') ? trainingPids(product) : [];
  const targets = [...kills.map((name) => pids[name] ?? 0), ...supervised.map(({ pid }) => pid), ...trainings];
  const notes = supervised.map(({ note }) => note);
  const struck = targets.map((pid) => send(pid, signal)).includes(true);
  if (kills.includes('training') && kills.length > 1) forgetThisBoot(product, notes);
  return struck ? supervised.map(({ trial }) => trial) : null;
}

/**
 * Waits until every service lives and works again. A person would type `up`; so do we, beside the watchdog, or leave it
 * to the watchdog alone.
 */
export async function allBack(product: Product, session: string, by: 'up' | 'watchdog' = 'up'): Promise<void> {
  if (by === 'up') {
    const { exitCode, stderr } = await product.run('up');
    if (exitCode !== 0) throw new Error(`Expected \`up\` to succeed, got: ${stderr}`);
  }
  await until(() => {
    const pids = product.services();
    if (!SERVICES.every((name) => name in pids && isThere(pids[name]))) return false;
    const log = (name: string): string => readFileSync(join(product.home, 'logs', `${name}.log`), 'utf8');
    const ready = (name: string): boolean =>
      log(name)
        .split('\n')
        .some((line) => line.includes(`"pid":${pids[name]},`) && line.includes('worker ready'));
    return ready('control-worker') && ready('device-worker');
  });
  await product.tells(session, () => true);
}

const live = ({ home }: Product) => liveTrials(stateDirectory({ AUTORESEARCH_HOME: home }).trials);

function supervisors(product: Product): { trial: string; pid: number; note: string }[] {
  return live(product).flatMap(({ trial, directory }) => {
    const note = pidNoteSchema.safeParse(readOrNull(directory.pid));
    return note.success ? [{ trial, pid: note.data.supervisor.pid, note: directory.pid }] : [];
  });
}

/** Every process of a training or a scorer, by the environment that it was started with. */
function trainingPids(product: Product): number[] {
  return listProcesses()
    .map(({ pid }) => pid)
    .filter((pid) =>
      environmentOf(pid).some((entry) => entry.startsWith('AUTORESEARCH_OUT=') && entry.includes(product.home)),
    );
}

/** As after a boot: the files name processes of an earlier one, whose numbers others may have now. */
function forgetThisBoot(product: Product, notes: readonly string[]): void {
  const now = readBootId();
  for (const path of [stateDirectory({ AUTORESEARCH_HOME: product.home }).services, ...notes])
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(now, '00000000-0000-4000-8000-000000000000'));
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false; // it had ended
  }
}

/** A zombie is gone. */
const isThere = (pid: number | undefined): boolean => pid !== undefined && identify(pid) !== undefined;

function readOrNull(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
