// What a reviewer is shown of a candidate, and what comes of its answers.
import { expect, it } from 'vitest';
import type { Reviewed } from '../../src/domain/opinion.ts';
import type { Reply } from '../support/messages-api.ts';
import { asked, everythingIn, HIGHER, KEY, opened } from './model-session.ts';

const OK = { judge: { opinion: 'ok', reason: 'a rate is a rate' } };

/** A candidate that the model wrote, and what comes of its reviews; the first answer is the edit. */
async function candidate(answers: readonly Reply[]) {
  const session = await opened((nth) => (nth === 0 ? HIGHER : (answers[nth - 1] ?? { status: 500 })));
  const proposed = await session.ask();
  if (proposed.kind !== 'proposal') throw new Error(JSON.stringify(proposed));
  const { contract, review } = session;
  const order = { contract, experiment: 1, base: contract.base, candidate: proposed.candidate };
  const read = (more: object = {}): Promise<Reviewed> => review({ ...order, reviewer: 'claude-sonnet-5-5', ...more });
  return { ...session, read, questions: () => asked().slice(1) };
}

it('is shown the program and the edit, and nothing of how it scored; what it said is kept and not paid for twice', async () => {
  const { read, questions, state } = await candidate([OK]);
  const first = await read();
  expect(first).toMatchObject({
    opinion: { opinion: 'ok', reason: 'a rate is a rate', work: { turns: 1, inputTokens: 1300, outputTokens: 50 } },
  });
  expect(await read()).toEqual(first);
  expect(questions()).toHaveLength(1);
  const [question] = questions();
  expect(question?.body.tools.map(({ name }) => name)).toEqual(['judge']);
  const text = JSON.stringify(question?.body);
  for (const part of ['LEARNING_RATE = 0.3', '-LEARNING_RATE = 0.1', '+LEARNING_RATE = 0.3', 'The metric is loss'])
    expect(text).toContain(part);
  expect(text).not.toContain('a higher rate'); // the author's own word for it
  expect(everythingIn(state.root)).not.toContain(KEY);
});

it('is told once what is wrong with an answer; a second one that cannot be used is a question', async () => {
  const { read, questions } = await candidate([{ text: 'fine' }, OK]);
  expect(await read()).toMatchObject({ opinion: { opinion: 'ok', work: { turns: 2 } } });
  expect(JSON.stringify(questions()[1]?.body.messages)).toContain('Call `judge` again');
});

it.each<[string, Reply, RegExp]>([
  ['no call', { text: 'fine' }, /Expected one call of the tool `judge`, got 0\.$/],
  [
    'another word',
    { judge: { opinion: 'great', reason: 'x' } },
    /Expected `opinion` to be one of ok, question, reject; got "great"\.$/,
  ],
  ['no reason', { judge: { opinion: 'ok' } }, /Expected `reason` to be .*, got nothing\.$/],
  ['no JSON', { rawInput: '{' }, /Expected /],
])('takes %s for no opinion', async (_name, reply, words) => {
  const { read } = await candidate([reply, reply]);
  const reason = expect.stringMatching(new RegExp(`^its answer cannot be used: ${words.source}`));
  expect(await read()).toMatchObject({ opinion: { opinion: 'question', reason } });
});

it('does not ask a second time where it refuses', async () => {
  const { read, questions } = await candidate([{ text: 'no', stop: 'refusal' }]);
  expect(await read()).toMatchObject({ opinion: { opinion: 'question' } });
  expect(questions()).toHaveLength(1);
});

it('says who is down and what was paid for that, what only a person can mend, and what is too dear', async () => {
  const answers = [
    { status: 529, message: 'busy' },
    { ...OK, breakOff: true },
    { status: 401, message: 'a bad key' },
  ] as const;
  const { read, questions } = await candidate(answers);
  expect(await read()).toMatchObject({ isDown: true, opinion: { opinion: 'unread', work: { inputTokens: 0 } } });
  expect(await read()).toMatchObject({ isDown: true, opinion: { work: { inputTokens: 1300 } } });
  await expect(read()).rejects.toMatchObject({ type: 'Blocked', message: expect.stringContaining('a bad key') });
  const dear = await read({ left: { tokens: 100 } });
  expect(dear).toMatchObject({ opinion: { opinion: 'unread', work: { inputTokens: 1300 } }, needs: {} });
  expect(questions()).toHaveLength(3);
});

it('asks another reviewer where a person names one before the first has answered', async () => {
  const { read, questions } = await candidate([{ status: 404, message: 'no such model' }, OK]);
  await expect(read({ reviewer: 'a-typo' })).rejects.toMatchObject({ type: 'Blocked' });
  expect(await read()).toMatchObject({ opinion: { opinion: 'ok', work: { model: 'claude-sonnet-5-5' } } });
  expect(questions().map(({ body }) => body.model)).toEqual(['a-typo', 'claude-sonnet-5-5']);
});
