// Where an experiment is trained, scored and decided, the process at work is killed, or the session is ended from outside. Its
// other stages are in long/stages.test.ts; `npm run drill -- --stages` has every process at every stage.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../support/product.ts';
import { leftAfterDown, NOTHING_LOST } from './aftermath.ts';
import { cancelAtStages } from './cancel-stages.ts';
import { REBOOT, type Disaster } from './disasters.ts';
import { strikeAtStages, type Stage } from './stages.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1, slow: true });
});
afterAll(() => product.close());

const MINUTES_MS = 300_000;

it(
  'goes on when the machine goes down as it trains, and the process at work as it scores and keeps',
  async () => {
    const disasters = new Map<Stage, Disaster>([
      ['train', REBOOT],
      ['evaluate', { kills: ['device-worker'], signal: 'SIGKILL' }],
      ['commit', { kills: ['control-worker'], signal: 'SIGTERM' }],
    ]);
    const said: string[] = [];
    const strikes = { session: 'struck', disasters, shape: { experiments: 20, calibration: 1 } };
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
