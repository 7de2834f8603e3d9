// Each stage of a session loses the process that works on it. `npm run drill -- --stages` has every process at every stage.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProduct, type Product } from '../support/product.ts';
import { ALL_SERVICES, REBOOT, type Disaster } from './disasters.ts';
import { cancelAtEveryStage, type Way } from './cancel-stages.ts';
import { strikeAtEveryStage, type Stage } from './stages.ts';

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

it('goes on when the process at work is killed at any stage, and when all of them are', async () => {
  const said: string[] = [];
  const damage = await strikeAtEveryStage(
    product,
    'stages',
    (stage) => AT[stage],
    (text) => said.push(text),
  );
  expect({ said, ...damage }).toEqual({
    said,
    missed: [],
    lost: [],
    doubled: [],
    repeated: [],
    orphans: [],
    stuckLocks: [],
    verify: '',
  });
}, 300_000);

const WAY_AT = {
  open: 'cancel',
  propose: 'terminate',
  evaluate: 'stop --now',
  commit: 'cancel',
} as const satisfies Partial<Record<Stage, Way>>;

it('leaves nothing half-done when a session is ended from outside at any stage', async () => {
  const said: string[] = [];
  const stages = Object.keys(WAY_AT) as (keyof typeof WAY_AT)[];
  const left = await cancelAtEveryStage(
    product,
    stages,
    (stage) => WAY_AT[stage as keyof typeof WAY_AT],
    (text) => said.push(text),
  );
  expect({ said, left }).toEqual({ said, left: [] });
}, 300_000);
