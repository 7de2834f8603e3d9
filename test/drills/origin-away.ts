// The person's repo goes away in the middle of a session: a disk that is unmounted, a network that is down.
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Product } from '../support/product.ts';
import { until } from '../support/until.ts';

/** What a session did while its origin was away, and what the origin has after its end. */
export interface Outage {
  /** Experiments recorded while it was away. */
  readonly recordedMeanwhile: number;
  /** Trainings started more than once. */
  readonly repeated: readonly string[];
  /** Refs that the origin should have and lacks, and those that differ. */
  readonly missing: readonly string[];
  readonly verify: string;
}

/** Longer than any outage here: it is stopped when its origin is back. */
const EXPERIMENTS = 1000;

/** Runs a session whose origin is away from its first experiment on, for so many seconds and at least until two more are recorded. */
export async function surviveOutage(product: Product, seconds: number): Promise<Outage> {
  await product.start('away', { experiments: EXPERIMENTS });
  const total = async (): Promise<number> => (await product.best('away')).experiments.total;
  await until(() => product.starts().some((line) => line.startsWith('away/1/1 ')));
  const [git, away] = [join(product.repo, '.git'), join(product.repo, '.away')];
  const before = await total();
  renameSync(git, away);
  let recordedMeanwhile = 0;
  try {
    await sleep(seconds * 1000);
    recordedMeanwhile = await until(async () => {
      const recorded = (await total()) - before;
      return recorded > 1 && recorded;
    });
  } finally {
    renameSync(away, git);
  }
  await product.run('stop', 'away');
  await product.ended('away');
  const wanted = ['refs/heads/autoresearch/away', 'refs/autoresearch/away/ledger'];
  for (const { experiment, candidate } of await product.records('away'))
    if (candidate !== null) wanted.push(`refs/autoresearch/away/${experiment}`);
  const has = async (): Promise<string[]> =>
    (await execa('git', ['for-each-ref', '--format=%(refname)'], { cwd: product.repo })).stdout.split('\n');
  const refs = await has();
  const verified = await product.run('verify', 'away');
  const ids = product.starts().map((line) => line.split(' ')[0] ?? '');
  return {
    recordedMeanwhile,
    repeated: ids.filter((id, index) => ids.indexOf(id) !== index),
    missing: wanted.filter((ref) => !refs.includes(ref)),
    verify: verified.exitCode === 0 ? '' : verified.stdout + verified.stderr,
  };
}
