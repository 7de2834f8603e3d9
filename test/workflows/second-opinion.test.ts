// What a reviewer says of a candidate that would be kept, through the workflow.
import { expect, it } from 'vitest';
import type { Activities, ReviewInput } from '../../activities/contract.ts';
import type { Opinion, Reviewed } from '../../src/domain/opinion.ts';
import type { SessionInput } from '../../src/domain/session.ts';
import { statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { startSession } from '../support/fake-session.ts';
import { until } from '../support/until.ts';

const WORK = {
  model: 'a-reviewer',
  promptHash: 'p',
  turns: 1,
  inputTokens: 90,
  cachedTokens: 0,
  outputTokens: 10,
  usd: 0.5,
};
const said = (opinion: Opinion['opinion'], reason = 'it reads the clock'): Reviewed => ({
  opinion: { opinion, reason, work: WORK },
});
const DOWN: Reviewed = { ...said('unread', 'it answers 529'), isDown: true };

const value = (commit: string): number => (commit === 'c1' ? 0.9 : commit === 'base' ? 1 : 1.1);

/** One experiment that is better, and one that is worse; the answers come one after the other. */
async function start(answers: readonly Reviewed[], more: SessionInput = { reviewer: 'a-reviewer' }) {
  const asked: ReviewInput[] = [];
  const review: Activities['review'] = async (input) => {
    asked.push(input);
    return answers[asked.length - 1] ?? said('ok');
  };
  const input = { rule: 'greedy', experiments: 2, lookahead: 0, ...more } as const;
  const { world, handle } = await startSession(input, { value, activities: { review } });
  return { world, handle, asked };
}

it('keeps what the reviewer has nothing against, with its words and its cost; what is worse nobody reads', async () => {
  const { world, handle, asked } = await start([said('ok')]);
  await handle.result();
  expect(world.ended.map(({ verdict }) => verdict)).toEqual(['keep', 'discard']);
  expect(world.ended[0]?.opinion).toEqual({ opinion: 'ok', reason: 'it reads the clock', work: WORK });
  expect(asked).toEqual([
    expect.objectContaining({ reviewer: 'a-reviewer', candidate: 'c1', base: 'base', experiment: 1 }),
  ]);
  expect((await handle.query(statusQuery)).spent.work).toMatchObject({ usd: 0.5, tokens: 100 });
});

it.each(['question', 'reject'] as const)('quarantines where it answers %s, for a person to see why', async (word) => {
  const { world, handle } = await start([said(word)]);
  await handle.result();
  expect(world.ended[0]).toMatchObject({
    verdict: 'quarantine',
    reason: expect.stringMatching(/^the reviewer \(a-reviewer\) .* alone: it reads the clock\.$/),
    opinion: { opinion: word },
  });
  expect(world.kept).toEqual([]);
});

it('asks again where nobody answers, and takes what is then said', async () => {
  const { world, handle, asked } = await start([DOWN, said('ok')]);
  await handle.result();
  expect(asked).toHaveLength(2);
  expect(world.ended[0]).toMatchObject({ verdict: 'keep' });
});

it('quarantines what nobody has read because a person stopped the session', async () => {
  const { world, handle, asked } = await start([DOWN]);
  await until(() => asked.length === 1);
  await handle.executeUpdate(stopUpdate, { args: [{}] });
  await handle.result();
  expect(world.ended[0]).toMatchObject({
    verdict: 'quarantine',
    reason: 'the reviewer (a-reviewer) has not read it: it answers 529. Read it yourself.',
    opinion: { opinion: 'unread', work: { usd: 0.5 } }, // what was paid for answers that broke off stays in its record
  });
});

it('tells what is left; what that does not pay for is quarantined, and ends the session', async () => {
  const { world, handle, asked } = await start([{ ...said('unread', 'too dear'), needs: { usd: 2, tokens: 60 } }], {
    reviewer: 'a-reviewer',
    usd: 1,
    tokens: 50,
  });
  await handle.result();
  expect(asked[0]?.left).toEqual({ usd: 1, tokens: 50 });
  expect(world.ended).toEqual([
    expect.objectContaining({ verdict: 'quarantine', reason: expect.stringContaining('too dear') as string }),
  ]);
});

it('asks nobody where no reviewer is named', async () => {
  const { world, handle, asked } = await start([said('reject')], {});
  await handle.result();
  expect(asked).toEqual([]);
  expect(world.ended[0]).toMatchObject({ verdict: 'keep' });
});
