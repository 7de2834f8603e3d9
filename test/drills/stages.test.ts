// Each stage of a session loses the process that works on it. `npm run drill -- --stages` has every process at every stage.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product, type SessionShape } from '../support/product.ts';
import { leftAfterDown, NOTHING_LOST } from './aftermath.ts';
import { ALL_SERVICES, REBOOT, type Disaster } from './disasters.ts';
import { cancelAtEveryStage, type Way } from './cancel-stages.ts';
import { strikeAtStages, type Stage } from './stages.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 1, slow: true });
});
afterAll(() => product.close());

const AT: Readonly<Record<Stage, Disaster>> = {
  open: { kills: ['control-worker'], signal: 'SIGKILL' },
  calibrate: { kills: ['device-worker'], signal: 'SIGTERM' },
  record: { kills: ['temporal-server'], signal: 'SIGKILL' },
  propose: { kills: ['control-worker'], signal: 'SIGTERM' },
  train: REBOOT,
  evaluate: { kills: ['device-worker'], signal: 'SIGKILL' },
  commit: { kills: ['control-worker'], signal: 'SIGKILL' },
  revert: ALL_SERVICES,
  close: { kills: ['control-worker'], signal: 'SIGKILL' },
};

// A session each, no longer than these stages need: a keep and a discard are among its first five.
it.each<[string, readonly Stage[], SessionShape]>([
  ['as it begins and ends', ['open', 'record', 'close'], { experiments: 1, calibration: 2 }],
  ['before it scores a candidate', ['calibrate', 'propose', 'train'], { experiments: 2, calibration: 3 }],
  ['as it decides', ['evaluate', 'commit', 'revert'], { experiments: 5, calibration: 1 }],
])(
  'goes on when the process at work is killed at any stage %s',
  async (_when, stages, shape) => {
    const said: string[] = [];
    const strikes = { session: `struck-${stages[0]}`, stages, shape, disasterAt: (stage: Stage) => AT[stage] };
    const damage = await strikeAtStages(product, strikes, (text) => said.push(text));
    expect({ said, ...damage }).toEqual({ said, missed: [], ...NOTHING_LOST });
  },
  300_000,
);

it.each<[Stage, Way]>([
  ['open', 'cancel'],
  ['evaluate', 'stop --now'],
])(
  'leaves nothing half-done when a session is ended from outside at the stage %s (%s)',
  async (stage, way) => {
    expect(
      await cancelAtEveryStage(
        product,
        [stage],
        () => way,
        () => {},
      ),
    ).toEqual([]);
  },
  300_000,
);

it('leaves no process and no lock behind after all of that', async () => {
  expect(await leftAfterDown(product)).toEqual([]);
});
