import { expect, it } from 'vitest';
import { statusWord } from '../src/status-word.ts';
import { LIVE } from './cli/samples.ts';

const answering = { status: async () => ({ ...LIVE, status: 'blocked' as const }) };
const silent = {
  status: async () => {
    throw new Error('nobody answers');
  },
};

it('asks a session that cannot be searched for by its state, and calls one that is silent opening', async () => {
  expect(await statusWord(answering, { session: 'night', status: null }, false)).toBe('blocked');
  expect(await statusWord(silent, { session: 'night', status: null }, false)).toBe('opening');
  expect(await statusWord(silent, { session: 'night', status: null }, true)).toBe('running');
  expect(await statusWord(silent, { session: 'night', status: 'paused' }, false)).toBe('paused');
});
