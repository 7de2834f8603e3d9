// Each stage that stages.test.ts leaves out loses the process that works on it; one ends its session from outside.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product, type SessionShape } from '../../support/product.ts';
import { leftAfterDown, NOTHING_LOST } from '../aftermath.ts';
import { cancelAtStages } from '../cancel-stages.ts';
import { ALL_SERVICES, type Disaster } from '../disasters.ts';
import { strikeAtStages, type Stage } from '../stages.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1, slow: true });
});
afterAll(() => product.close());

const MINUTES_MS = 300_000;

// A session each, no longer than these stages need.
it.each<[string, readonly [Stage, Disaster][], SessionShape]>([
  [
    'as it begins and ends',
    [
      ['open', { kills: ['control-worker'], signal: 'SIGKILL' }],
      ['record', { kills: ['temporal-server'], signal: 'SIGKILL' }],
      ['close', { kills: ['control-worker'], signal: 'SIGKILL' }],
    ],
    { experiments: 1, calibration: 2 },
  ],
  [
    'before it trains a candidate',
    [
      ['calibrate', { kills: ['device-worker'], signal: 'SIGTERM' }],
      ['propose', { kills: ['control-worker'], signal: 'SIGTERM' }],
    ],
    { experiments: 1, calibration: 3 },
  ],
  ['as it discards', [['revert', ALL_SERVICES]], { experiments: 5, calibration: 1 }],
])(
  'goes on when the process at work is killed at any stage %s',
  async (when, disasters, shape) => {
    const said: string[] = [];
    const strikes = { session: `struck-${when.replaceAll(' ', '-')}`, disasters: new Map(disasters), shape };
    const damage = await strikeAtStages(product, strikes, (text) => said.push(text));
    expect({ said, ...damage }).toEqual({ said, missed: [], ...NOTHING_LOST });
  },
  MINUTES_MS,
);

it(
  'leaves nothing half-done when a session is cancelled as it opens',
  async () => {
    expect(await cancelAtStages(product, 'cancel', ['open'], () => {})).toEqual([]);
  },
  MINUTES_MS,
);

it('leaves no process and no lock behind after all of that', async () => {
  expect(await leftAfterDown(product)).toEqual([]);
});
