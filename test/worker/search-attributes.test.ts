import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { registerSearchAttributes } from '../../src/search-attributes.ts';
import { ownNamespace } from '../support/fake-world.ts';

let connection: NativeConnection;
beforeAll(async () => {
  connection = await NativeConnection.connect({ address: inject('temporalAddress') });
});
afterAll(() => connection.close());

const ALL = ['BestScore', 'Experiments', 'Kept', 'ResearchTask', 'SessionStatus'];

it('registers every search attribute, and finds them there the next time', async () => {
  const namespace = await ownNamespace(connection);
  expect((await registerSearchAttributes(connection, namespace)).toSorted()).toEqual(ALL);
  expect((await registerSearchAttributes(connection, namespace)).toSorted()).toEqual(ALL);
});

it('leaves out one that is there with another type: upserting it would fail every workflow task for ever', async () => {
  const namespace = await ownNamespace(connection);
  const KEYWORD = 2;
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { Kept: KEYWORD } });
  expect((await registerSearchAttributes(connection, namespace)).toSorted()).toEqual(
    ALL.filter((name) => name !== 'Kept'),
  );
});

it('does without any where the server will not say', async () => {
  expect(await registerSearchAttributes(connection, 'no-such-namespace')).toEqual([]);
});
