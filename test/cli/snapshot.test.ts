import { expect, it } from 'vitest';
import type { Feed } from '../../src/feed.ts';
import { hasEnded, look } from '../../src/cli/snapshot.ts';
import { fakeClient, fakeFeed } from './fakes.ts';
import { VIEW } from './samples.ts';

const inGit: Feed['view'] = async () => ({ source: 'git', view: { ...VIEW, status: 'done' }, live: null });

it.each([
  [true, 'running', 'waking', false],
  [false, 'failed', 'failed', true],
  [false, 'completed', 'done', true],
])('does not take the end that a session goes on from for its own: open %s, %s', async (open, outcome, word, ended) => {
  const answer = { open, outcome, failure: null, taskAttempt: 1 };
  const client = fakeClient({ progress: async () => [], outcome: async () => answer });
  const snapshot = await look(fakeFeed({ client, view: inGit }), VIEW.session, 0);
  expect([snapshot.view?.status, hasEnded(snapshot)]).toEqual([word, ended]);
});
