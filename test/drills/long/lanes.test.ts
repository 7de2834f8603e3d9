// A session of two lanes on two parts of the CPU, everything real, whose workers are killed while both lanes train.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExperimentRecord } from '../../../src/domain/experiment.ts';
import { createProduct, type Product } from '../../support/product.ts';
import { until } from '../../support/until.ts';
import { leftAfterDown, NOTHING_LOST, numbering, repeatedTrials } from '../aftermath.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct({ trialSeconds: 3, more: { AUTORESEARCH_DEVICES: 'cpu0,cpu1' } });
});
afterAll(() => product.close());

interface Span {
  readonly device: string;
  readonly from: number;
  readonly to: number;
}

const overlap = (one: Span, other: Span): boolean => one !== other && other.from < one.to && one.from < other.to;

const trialsOf = (records: readonly ExperimentRecord[]): Span[] =>
  records.flatMap(({ trials }) =>
    trials.map(({ device, startedAt, endedAt }) => ({ device, from: Date.parse(startedAt), to: Date.parse(endedAt) })),
  );

it('two lanes train on two devices at once; kills cost no number, no training and no verdict', async () => {
  await product.start('lanes', { experiments: 6 }, '--parallel', '2', '--seed', '1');
  await until(() => product.starts().filter((line) => /^lanes\/[12]\//.test(line)).length === 2);
  for (const worker of ['control-worker', 'device-worker']) process.kill(product.services()[worker] ?? 0, 'SIGKILL');
  expect((await product.ended('lanes')).experiments.total).toBe(6);

  const records = await product.records('lanes');
  const trials = trialsOf(records);
  expect(new Set(trials.map(({ device }) => device))).toEqual(new Set(['cpu0', 'cpu1']));
  const together = trials.flatMap((one) => trials.filter((other) => overlap(one, other)).map((other) => [one, other]));
  expect(together.length).toBeGreaterThan(0);
  expect(together.filter(([one, other]) => one?.device === other?.device)).toEqual([]);
  const verified = await product.run('verify', 'lanes');
  expect({
    ...numbering(records.map(({ experiment }) => experiment)),
    repeated: repeatedTrials(product, 'lanes', []),
    verify: verified.exitCode === 0 ? '' : verified.stdout + verified.stderr,
  }).toEqual(NOTHING_LOST);
  expect(await leftAfterDown(product)).toEqual([]);
}, 240_000);
