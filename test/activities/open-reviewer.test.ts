// A session that wants a reviewer is refused before it begins where nobody could ask it, or nobody could count the cost.
import { expect, it } from 'vitest';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const KEY = { ANTHROPIC_API_KEY: 'sk-ant-a-key', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };

async function open(input: object, env: Record<string, string>) {
  const workshop = await createWorkshop(
    { 'autoresearch.yaml': taskFile('true') },
    createReadCode(() => {}),
    env,
  );
  return workshop.open({ session: 'night', input: { proposer: 'search', ...input }, at: AT });
}

it.each([
  ['there is no key', {}, { reviewer: 'claude-sonnet-5-5' }, /ANTHROPIC_API_KEY/],
  ['nobody knows its price and dollars are bounded', KEY, { reviewer: 'my-model', usd: 1 }, /price .* got my-model/],
])('refuses a reviewer where %s', async (_why, env, input, said) => {
  await expect(open(input, env)).rejects.toMatchObject({ type: 'InvalidInput', message: expect.stringMatching(said) });
});

it('opens with one that can be asked', async () => {
  expect(await open({ reviewer: 'claude-sonnet-5-5', usd: 1 }, KEY)).toMatchObject({ session: 'night' });
});
