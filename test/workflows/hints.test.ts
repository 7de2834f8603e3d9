import { expect, it } from 'vitest';
import { hintUpdate, statusQuery } from '../../workflows/messages.ts';
import { startSession } from '../support/fake-session.ts';

it('forgets a hint that is withdrawn, whose place stays empty, and refuses what is none', async () => {
  const told: (readonly string[] | undefined)[] = [];
  const refused: unknown[] = [];
  const send = (options: object) =>
    handle.executeUpdate(hintUpdate, { args: [options] }).catch((error: unknown) => (error as Error).cause);
  const { handle } = await startSession(
    { experiments: 2, lookahead: 0, proposer: 'anthropic' },
    {
      activities: {
        propose: async ({ experiment, base, hints }) => {
          told.push(hints);
          if (experiment === 1) for (const text of ['one', 'two', 'three']) await send({ text });
          if (experiment === 1) await send({ withdraw: 2 });
          return { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: 'an idea' };
        },
        evaluate: async ({ experiment }) => {
          const nothing = [{ withdraw: 2 }, {}, { text: 'a', withdraw: 1 }];
          if (experiment === 2) for (const options of nothing) refused.push(await send(options));
          if (experiment === 2) for (let sent = 2; sent <= 20; sent++) refused.push(await send({ text: `${sent}` }));
          return { kind: 'value', value: 1, metrics: {}, tier: 'B' };
        },
      },
    },
  );
  expect((await handle.result()).experiments.total).toBe(2);
  expect(told).toEqual([[], ['one', 'three']]);
  expect(refused.flatMap((answer) => (answer instanceof Error ? [answer.message] : []))).toEqual([
    expect.stringContaining('a hint that stands (that is 1, 3), got 2.'),
    expect.stringContaining('Expected `text` to be a hint, or `withdraw` the number of one'),
    expect.stringContaining('to be left out beside `withdraw`, got "a"'),
    expect.stringContaining('at most 20 hints at a time'),
  ]);
  expect((await handle.query(statusQuery)).hints.slice(0, 3)).toEqual(['one', null, 'three']);
});
