import { describe, expect, test } from 'vitest';
import { BUNDLED_TASK, bundledRepo } from '../../src/bundled.ts';
import { stateDirectory } from '../../src/config.ts';
import type { SessionListing } from '../../src/feed.ts';
import { runWith, started } from './start-support.ts';

const listing = async (more: Partial<SessionListing>): Promise<SessionListing> => ({
  session: 'byte-lm-nov22',
  status: 'open',
  task: 'byte-lm',
  startedAt: '',
  source: 'temporal',
  repo: await bundledRepo(stateDirectory().repos),
  ...more,
});

describe('demo', () => {
  test('starts the bundled task with 20 experiments, or as many as asked for, and follows it', async () => {
    const { code, out } = await runWith(['demo']);
    expect(code).toBe(0);
    expect(out).toContain('byte-lm-nov23 · done');
    await runWith(['demo', '--experiments', '3', '--seed', '7']);
    expect(started).toMatchObject([
      [expect.stringMatching(/^byte-lm-nov23/), { task: BUNDLED_TASK, experiments: 20, proposer: 'search' }],
      [expect.stringMatching(/^byte-lm-nov23/), { task: BUNDLED_TASK, experiments: 3, seed: 7 }],
    ]);
  });

  test.each(['repo', 'task'])('refuses a %s: it would be passed over', async (key) => {
    const { code, err } = await runWith(['demo', '--input', JSON.stringify({ [key]: 'mine' })]);
    expect(code).toBe(2);
    expect(err).toContain(`Expected \`demo\` to be told no \`${key}\``);
    expect(started).toEqual([]);
  });

  test('joins the newest demo session that is still open, and says that options are left aside', async () => {
    const sessions = [
      await listing({ session: 'other', task: 'other' }),
      await listing({ session: 'byte-lm-nov22-3', status: 'completed' }),
      await listing({ session: 'byte-lm-nov22-2' }),
      await listing({}),
    ];
    const { code, err } = await runWith(['demo', '--experiments', '3'], { sessions });
    expect([code, started]).toEqual([0, []]);
    expect(err).toContain('Joining byte-lm-nov22-2, which is still running');
    expect(err).toContain('The options given are for a new session and are left aside.');
    expect((await runWith(['demo'], { sessions })).err).not.toContain('left aside');
  });

  test('joins one that has only just begun, but none that only git remembers', async () => {
    const fresh = await listing({ repo: '', task: '' });
    expect((await runWith(['demo'], { sessions: [fresh] })).err).toContain('Joining byte-lm-nov22');
    const lost = await listing({ source: 'git', status: 'interrupted' });
    await runWith(['demo'], { sessions: [lost] });
    expect(started).toHaveLength(1);
  });
});
