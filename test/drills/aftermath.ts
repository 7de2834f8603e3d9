// What is left after a drill that should not be: numbers missing or doubled, trainings that ran twice, processes, locks.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAgain } from '../../src/domain/rerun.ts';
import { isFree } from '../../src/trainer/file-lock.ts';
import { environmentOf, listProcesses } from '../../src/trainer/process-table.ts';
import type { Product } from '../support/product.ts';

/** What a drill must leave: no number missing or doubled, no training repeated, `verify` silent. */
export const NOTHING_LOST = { lost: [], doubled: [], repeated: [], verify: '' } as const;

/** Experiment numbers that are missing below the highest, and those that come twice. */
export function numbering(numbers: readonly number[]): { lost: number[]; doubled: number[] } {
  const all = Array.from({ length: Math.max(0, ...numbers) }, (_, k) => k + 1);
  return {
    lost: all.filter((n) => !numbers.includes(n)),
    doubled: numbers.filter((n, k) => numbers.indexOf(n) !== k),
  };
}

/** The ids of a session's trainings in the order of their starts, without those that a busy machine made late: they run again. */
export function startedTrials(product: Product, session: string): string[] {
  const ids = product.starts().map((line) => line.split(' ')[0] ?? '');
  return ids.filter((id) => id.startsWith(`${session}/`) && !isAgain(Number(id.split('/').at(-1))));
}

/** Trials that ran more often than their supervisors were killed, once not counted. */
export function repeatedTrials(product: Product, session: string, supervisorKills: readonly string[]): string[] {
  const ids = product
    .starts()
    .map((line) => line.split(' ')[0] ?? '')
    .filter((id) => id.startsWith(`${session}/`));
  const allowed = (id: string): number => 1 + supervisorKills.filter((killed) => killed === id).length;
  return [...new Set(ids)].filter((id) => ids.filter((one) => one === id).length > allowed(id));
}

/** Ends the services; returns which processes and locks of the product are still there. */
export async function leftAfterDown(product: Product): Promise<string[]> {
  await product.run('down');
  return [...orphansOf(product), ...stuckLocks(product)];
}

/** Processes that belong to the product and live on; to be asked after `down`. */
export function orphansOf(product: Product): string[] {
  return listProcesses()
    .filter(({ pid }) => environmentOf(pid).some((entry) => entry.includes(product.home)))
    .map(({ pid }) => `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`);
}

/** Locks that somebody still holds, and lock files of git that nobody will remove. */
export function stuckLocks(product: Product): string[] {
  const files = readdirSync(product.home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (entry.name === 'lock' || entry.name.endsWith('.lock')))
    .map((entry) => join(entry.parentPath, entry.name));
  const ofGit = files.filter((path) => /\.git\/.*\.lock$/.test(path) && !path.endsWith('autoresearch.lock'));
  return [...ofGit, ...files.filter((path) => !ofGit.includes(path) && !isFree(path))];
}
