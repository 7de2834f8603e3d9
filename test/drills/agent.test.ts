// A session whose proposer is a person's own command: real processes, a real server.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { liveTrials } from '../../src/trainer/sweep.ts';
import { createProduct, type Product } from '../support/product.ts';
import { until } from '../support/until.ts';

const KEY = 'sk-ant-a-key-that-nobody-may-see';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1, more: { ANTHROPIC_API_KEY: KEY } });
});
afterAll(() => product.close());

/** Says that it begins, thinks, and raises the rate: a step further each time, since it is told what was tried. */
const agent = (seconds: number): string =>
  [
    `echo "agent $AUTORESEARCH_TRIAL $$" > ${join(product.folder, 'marks', 'pipe')}`,
    `sleep ${seconds}`,
    `n=$(cat | sed -n 's/^Propose experiment \\([0-9]*\\).*/\\1/p')`,
    `[ -n "$ANTHROPIC_API_KEY" ] && sed -i "s/^LEARNING_RATE = .*/LEARNING_RATE = 0.0$n/" train.py`,
    `echo "HYPOTHESIS: a rate of 0.0$n"`,
  ].join('; ');

const agents = (): string[] => product.starts().filter((line) => line.startsWith('agent '));

it('a worker that dies costs no agent’s work: the next one takes it over', async () => {
  const options = ['--proposer', 'command', '--command', agent(2), '--lookahead', '0'];
  await product.start('helped', { experiments: 2 }, ...options);
  await until(() => agents().length === 1);
  process.kill(product.services()['control-worker'] ?? 0, 'SIGKILL'); // and the watchdog starts another
  expect((await product.ended('helped')).status).toBe('done');

  const records = await product.records('helped');
  expect(records.map(({ hypothesis }) => hypothesis)).toEqual(['a rate of 0.01', 'a rate of 0.02']);
  expect(agents().length).toBe(2);
}, 120_000);
