// Where an experiment is trained, scored and decided, the process at work is killed, or the session is ended from outside. Its
// other stages are in long/stages.test.ts; `npm run drill -- --stages` has every process at every stage.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../support/product.ts';
import { leftAfterDown, NOTHING_LOST } from './aftermath.ts';
import { cancelAtStages } from './cancel-stages.ts';
import { ALL_SERVICES, REBOOT, type Disaster } from './disasters.ts';
import { strikeAtStages, type Stage } from './stages.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1, slow: true });
});
afterAll(() => product.close());

const MINUTES_MS = 300_000;

it(
  'goes on when the process at work is killed or stopped as it trains, scores, keeps and discards, or the machine is',
  async () => {
    const disasters = new Map<Stage, Disaster>([
      ['train', REBOOT],
      ['evaluate', { kills: ['device-worker'], signal: 'SIGKILL' }],
      ['commit', { kills: ['control-worker'], signal: 'SIGTERM' }],
      ['revert', ALL_SERVICES],
    ]);
    const said: string[] = [];
    // A keep and a discard are among its first five.
    const strikes = { session: 'struck', disasters, shape: { experiments: 5, calibration: 1 } };
    const damage = await strikeAtStages(product, strikes, (text) => said.push(text));
    expect({ said, ...damage }).toEqual({ said, missed: [], ...NOTHING_LOST });
  },
  MINUTES_MS,
);

it(
  'leaves nothing half-done when a session is ended from outside as it scores (stop --now)',
  async () => {
    expect(await cancelAtStages(product, 'stop --now', ['evaluate'], () => {})).toEqual([]);
  },
  MINUTES_MS,
);

it('leaves no process and no lock behind after all of that', async () => {
  expect(await leftAfterDown(product)).toEqual([]);
});
