import { hostname } from 'node:os';
import { Context } from '@temporalio/activity';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { expect, inject, it } from 'vitest';
import { lastWord } from '../../activities/failures.ts';
import { releaseOrphans } from '../../src/orphans.ts';
import { startSession } from '../support/fake-session.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

it('a session goes on at once with what a worker held that is gone, where its training stays', async () => {
  const calls: string[] = [];
  const { world, handle } = await startSession(
    { experiments: 1, calibration: 1 },
    {
      activities: {
        train: async ({ experiment, trial }) => {
          calls.push(`${experiment}/${trial}`);
          if (calls.length > 1) return TRAINED;
          return Context.current().cancelled; // as of a worker that was killed: nobody answers
        },
      },
    },
  );
  await until(() => calls.length === 1);
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const { namespace } = world.client.options;
  const deps = { connection, namespace, log: pino({ level: 'silent' }) };
  const place = { hostId: 'host', device: 'cpu' };
  await releaseOrphans({ ...deps, identity: 'somebody else' }, lastWord(place));
  expect(calls).toEqual(['0/1']);
  await until(async () => {
    await releaseOrphans({ ...deps, identity: `${process.pid}@${hostname()}` }, lastWord(place)); // found with a delay
    return calls.length > 1;
  });
  expect((await handle.result()).experiments.total).toBe(1);
  expect(calls.slice(0, 2)).toEqual(['0/1', '0/1']);
  await connection.close();
}, 60_000);
