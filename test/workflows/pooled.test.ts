// A candidate whose arm was tried before, under a number that came to no verdict, through the workflow.
import { expect, it } from 'vitest';
import type { Activities } from '../../activities/contract.ts';
import type { PooledTrial } from '../../src/domain/experiment.ts';
import { trialOf } from '../domain/trials.ts';
import { startSession } from '../support/fake-session.ts';

/** Seeds of the baseline spread by 0.01; the candidate is better by ten times as much. */
const NOISE = [0.01, -0.01, 0, 0.012, -0.012, 0.011, 0.009];
const value = (commit: string, trial: number): number =>
  (commit === 'base' ? 1 : 0.9) + (NOISE[(trial - 1) % NOISE.length] ?? 0);

const before = (more: Partial<PooledTrial> = {}): PooledTrial[] => [
  { ...trialOf({ trial: 1, seed: 12, value: 0.9, seconds: 1 }), experiment: 5, ...more },
  { ...trialOf({ trial: 2, seed: 13, value: 0.91, seconds: 1 }), experiment: 5 },
];

async function tried(pooled: readonly PooledTrial[]) {
  const propose: Activities['propose'] = async ({ base }) => {
    return { kind: 'proposal', candidate: 'c1', base, hypothesis: 'once more', pooled };
  };
  const input = { rule: 'default', audit: 'none', experiments: 1, lookahead: 0 } as const;
  const { world, handle } = await startSession(input, { value, activities: { propose } });
  await handle.result();
  return world.ended[0];
}

it('goes on from what was measured, with seeds that the arm has not had, and writes down both', async () => {
  const pooled = before();
  const record = await tried(pooled);
  expect(record).toMatchObject({ verdict: 'keep', pooled });
  const own = record?.trials.filter(({ role }) => role === 'candidate');
  expect(own?.map(({ trial, seed }) => [trial, seed])).toEqual([[3, 14]]);
  expect(record?.value).toBeCloseTo((0.9 + 0.91 + (own?.[0]?.value ?? 0)) / 3);
});

it('holds against it what an earlier trial showed, as if it were its own', async () => {
  expect(await tried(before({ outputChanged: true }))).toMatchObject({
    verdict: 'quarantine',
    reason: expect.stringContaining('written to'),
  });
});
