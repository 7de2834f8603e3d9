// The task's limits, relative to what the baseline took.
import { expect, it } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { startSession } from '../support/fake-session.ts';
import { contractOf, TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';
import { resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';

/** A session under limits; each experiment takes so many MB, and is better than the one before. */
const limited = (limits: Task['limits'], megabytes: readonly number[], input: object = {}) =>
  startSession(
    { experiments: megabytes.length - 1, calibration: 1, ...input },
    {
      value: (commit) => (commit === 'base' ? 1 : 1 - Number(commit.slice(1)) / 100),
      activities: {
        open: async ({ session }) => {
          const contract = contractOf(session);
          return { ...contract, task: { ...contract.task, ...(limits !== undefined && { limits }) } };
        },
        train: async ({ experiment }) => ({ ...TRAINED, facts: { peakMemoryMb: megabytes[experiment] ?? 0 } }),
      },
    },
  );

it('never keeps a candidate that takes more than its limit, however good it is', async () => {
  const { world, handle } = await limited({ peak_memory_mb: '1.1x' }, [100, 111, 110]);
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['discard', 'keep']);
  expect(world.ended[0]).toMatchObject({
    value: 0.99,
    reason: "limit broken: peak_memory_mb was 111, at most 110 is allowed (1.1 times the baseline's 100)",
    trials: [{ failedCheck: expect.stringContaining('limit broken'), peakMemoryMb: 111 }],
  });
});

it('holds the limit to the baseline, not to what was kept since', async () => {
  const { world, handle } = await limited({ peak_memory_mb: '1.1x' }, [100, 60, 109]);
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['keep', 'keep']);
});

it('keeps its limits when it continues as new', async () => {
  const many = Array.from({ length: 25 }, (_, experiment) => (experiment === 24 ? 200 : 100));
  const { world, handle, firstRunId } = await limited({ peak_memory_mb: '1.1x' }, many, { lookahead: 0 });
  await handle.result();
  expect((await handle.describe()).runId).not.toBe(firstRunId);
  expect(world.ended.at(-1)).toMatchObject({ experiment: 24, verdict: 'discard' });
});

it('is blocked by a limit on what no trial of the baseline shows; a person may go on without it', async () => {
  const { world, handle } = await limited({ peak_vram_mb: '1.1x', peak_memory_mb: 100 }, [100, 101, 100]);
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  expect((await handle.query(statusQuery)).reason).toMatch(/^The task limits `peak_vram_mb`, which no trial/);
  await handle.executeUpdate(resumeUpdate, { args: [{}] });
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['discard', 'keep']);
});

it('ends without an experiment when a person stops it there', async () => {
  const { world, handle } = await limited({ peak_vram_mb: '1.1x' }, [100, 101]);
  await until(async () => (await handle.query(statusQuery)).status === 'blocked');
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  expect((await handle.result()).status).toBe('done');
  expect(world.ended).toEqual([]);
});
