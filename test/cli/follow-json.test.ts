import { expect, test } from 'vitest';
import { bestReport } from '../../src/domain/best-report.ts';
import { fakeClient, fakeFeed, run } from './fakes.ts';
import { LINES, LIVE, NOW, TRAINING, VIEW } from './samples.ts';

test('watch --json tells each event once, as one object a line, on a terminal too, to the end of the session', async () => {
  const done = { ...LIVE, status: 'done', reason: 'all 13 experiments are done', running: null } as const;
  const looks = [{ ...LIVE, last: LINES.slice(0, 2) }, LIVE, LIVE, done];
  const openFeed = async () =>
    fakeFeed({
      client: fakeClient({ progress: async () => [TRAINING] }),
      view: async () => {
        const live = looks.shift() ?? done;
        return { source: 'temporal', view: live, live };
      },
    });
  const { code, out, err } = await run(['watch', '--json'], { openFeed, terminal: true });
  expect(code).toBe(0);
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ event }) => event).join(' ')).toBe(
    'status baseline experiment experiment trial experiment status',
  );
  for (const { session, at } of events) expect([session, at]).toEqual([VIEW.session, new Date(NOW).toISOString()]);
  expect(events[0]).toMatchObject({ ...bestReport(LIVE), reason: null });
  expect(events[1]).toMatchObject({ value: 2.8512, stderr: 0.007, trials: 3, noise: 0.012, metric: 'val_bpb' });
  expect(events[2]).toMatchObject({ experiment: 11, verdict: 'discard', value: 2.86, gain: -0.0088, noise: 0.012 });
  expect(events[4]).toMatchObject({ experiment: 14, trial: 1, seed: 77, seconds: 6 });
  expect(events[6]).toMatchObject({ status: 'done', reason: 'all 13 experiments are done' });
  expect(err).toContain('byte-lm-nov23 is done.');
});
