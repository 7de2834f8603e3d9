import { expect, it } from 'vitest';
import { newTrial } from '../domain/trials.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const measured = (values: readonly number[], budgetSeconds = 1) =>
  values.map((value, k) => newTrial({ trial: k + 1, value, budgetSeconds, deviceClass: 'test' }));

it('tells a new session what the newest earlier one saw on each class of device, and nothing of other budgets', async () => {
  const { repo, open, record } = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const begin = (session: string, more: object = {}) => open({ session, input: { repo, ...more }, at: AT });
  const calibrate = async (session: string, values: readonly number[], budgetSeconds = 1): Promise<void> => {
    const contract = await begin(session);
    const trials = measured(values, budgetSeconds);
    const event = { version: 1, kind: 'baseline', at: AT, commit: contract.base, trials, prior: null } as const;
    await record({ contract, index: 1, event });
  };
  expect((await begin('first')).earlierNoise).toEqual({});
  await calibrate('other-budget', [1, 9], 60);
  await calibrate('earlier', [1, 1.2, 0.8]);
  expect(await begin('second')).toMatchObject({
    earlierNoise: { test: expect.closeTo(0.2, 10) },
    earlierData: { test: 'd' },
  });
  expect((await begin('longer', { trialSeconds: 60 })).earlierNoise).toEqual({ test: expect.closeTo(5.657, 3) });
});
