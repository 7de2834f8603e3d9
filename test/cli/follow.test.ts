import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Feed } from '../../src/feed.ts';
import type { StatusReport } from '../../src/domain/report.ts';
import { fakeClient, fakeFeed, named, run } from './fakes.ts';
import { LINES, LIVE, TRAINING, VIEW, record } from './samples.ts';

const DONE: StatusReport = { ...LIVE, status: 'done', reason: 'all 13 experiments are done', running: null };
const gone = (): Error => named('UnknownSession', 'gone');
const away = async (): Promise<Feed> => fakeFeed();
const FAILED = { open: false, outcome: 'failed', failure: 'Expected `repo` to be …', taskAttempt: 0 };

/** A feed whose session answers one of these at each look, the last for ever. */
function scripted(answers: readonly (StatusReport | Error)[], more: Partial<Feed> = {}): () => Promise<Feed> {
  let k = 0;
  const view: Feed['view'] = async () => {
    const live = answers[Math.min(k++, answers.length - 1)];
    if (live === undefined || live instanceof Error) throw live ?? gone();
    return { source: 'temporal', view: live, live };
  };
  const client = fakeClient({ progress: async () => [TRAINING], outcome: async () => FAILED });
  return async () => fakeFeed({ client, view, ...more });
}

describe('on a pipe', () => {
  test('tells each event in a line of stdout, ends with the session, exit 0', async () => {
    const openFeed = scripted([{ ...LIVE, last: LINES.slice(0, 2) }, LIVE, LIVE, DONE]);
    const { code, out, err } = await run(['watch'], { openFeed });
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' · ').slice(0, 2).join(' · ')),
    ).toEqual([
      'byte-lm-nov23 · running',
      'baseline · 2.8512 ± 0.0070 val_bpb',
      'experiment 11 · discard',
      'experiment 12 · keep',
      'experiment 14 · trial 1',
      'experiment 13 · crash',
      'byte-lm-nov23 · done: all 13 experiments are done',
    ]);
    expect(err).toBe(
      'byte-lm-nov23 is done. Look at it with:\n  npx autoresearch best byte-lm-nov23\n  npx autoresearch results byte-lm-nov23\n',
    );
    expect(out).not.toContain('\u001B');
  });

  test('brings ends that the short list leaves out from the ledger', async () => {
    const found = await fakeFeed(
      {},
      [9, 10].map((n) => record(n)),
    ).ledger(VIEW.session);
    const { out } = await run(['watch'], { openFeed: scripted([DONE], { ledger: async () => found }) });
    expect(out.match(/^experiment \d+/gm)).toEqual([
      'experiment 9',
      'experiment 10',
      'experiment 11',
      'experiment 12',
      'experiment 13',
    ]);
  });

  test('a session that failed ends with its reason and exit 1', async () => {
    const { code, err } = await run(['watch'], { openFeed: scripted([{ ...LIVE, status: 'failed' }]) });
    expect([code, err]).toEqual([1, 'byte-lm-nov23 ended failed: Expected `repo` to be …\n']);
  });

  test('a session that failed before git knew of it is told in the same words', async () => {
    const { code, out, err } = await run(['watch'], { openFeed: scripted([gone()]) });
    expect([code, err]).toEqual([1, 'byte-lm-nov23 ended failed: Expected `repo` to be …\n']);
    expect(out).toBe('! failed: Expected `repo` to be …\n');
  });

  test('a mistake that only the worker could see is exit 2', async () => {
    const client = fakeClient({ outcome: async () => ({ ...FAILED, isMistake: true }) });
    expect((await run(['watch'], { openFeed: scripted([gone()], { client }) })).code).toBe(2);
  });

  test('a session that nobody knows is exit 3', async () => {
    const client = fakeClient({ outcome: async () => Promise.reject(gone()) });
    expect((await run(['watch', 'x'], { openFeed: scripted([gone()], { client }) })).code).toBe(3);
  });

  test('waits for a session that nobody can describe yet', async () => {
    const client = fakeClient({
      progress: async () => [],
      outcome: async () => ({ ...FAILED, open: true, failure: null }),
    });
    const { code, out } = await run(['watch'], { openFeed: scripted([new Error('no poller'), DONE], { client }) });
    expect(code).toBe(0);
    expect(out).toMatch(/^! waiting for a control worker to begin.*\n! no poller\nbyte-lm-nov23 · done/);
  });

  test('says what it waits for when no picture comes for two seconds', async () => {
    const slow = scripted([DONE], { ledger: async () => null });
    const openFeed = async (): Promise<Feed> => {
      const feed = await slow();
      return { ...feed, view: async (session) => (await sleep(2500), feed.view(session)) };
    };
    const { err } = await run(['watch'], { openFeed });
    expect(err).toMatch(/^Waiting for byte-lm-nov23 to answer …\n/);
  });

  test('shows what git has while the control worker has only just started', async () => {
    const slow = scripted([LIVE, DONE]);
    let looks = 0;
    const openFeed = async (): Promise<Feed> => {
      const feed = await slow();
      return { ...feed, view: async (session) => (await sleep(looks++ === 0 ? 1500 : 0), feed.view(session)) };
    };
    const { code, out, err } = await run(['watch'], { openFeed });
    expect(code).toBe(0);
    expect(out.match(/^byte-lm-nov23 · \w+/gm)).toEqual([
      'byte-lm-nov23 · waking',
      'byte-lm-nov23 · running',
      'byte-lm-nov23 · done',
    ]);
    expect(out.match(/^experiment 12 /gm)).toHaveLength(1);
    expect(out).not.toMatch(/^!/m);
    expect(err).not.toContain('Waiting for');
  });

  test('goes on when the server goes away and comes back', async () => {
    const up = scripted([LIVE]);
    const back = scripted([DONE]);
    const feeds = [up, up, away, back];
    let opened = 0;
    const answers: readonly (StatusReport | null)[] = [LIVE, null];
    let k = 0;
    const flaky = async () => {
      const feed = await (feeds[Math.min(opened++, 3)] ?? back)();
      if (opened > 2) return feed;
      const git = { ...VIEW, status: 'interrupted' } as const;
      const view: Feed['view'] = async () => {
        const live = answers[Math.min(k++, 1)] ?? null;
        return live === null ? { source: 'git', view: git, live } : { source: 'temporal', view: live, live };
      };
      return { ...feed, view, client: fakeClient({ outcome: async () => ({ ...FAILED, open: true, failure: null }) }) };
    };
    const { code, out } = await run(['watch'], { openFeed: flaky });
    expect(code).toBe(0);
    expect(out).toContain('! no control worker answers');
    expect(out).toContain('! no Temporal server answers');
    expect(out).toContain('byte-lm-nov23 · done');
    expect(out.match(/^experiment 12 /gm)).toHaveLength(1);
  });

  test('Ctrl-C leaves the view, not the session, and says how to come back', async () => {
    const leaving: (() => void)[] = [];
    let looks = 0;
    const { code, err } = await run(['watch'], {
      openFeed: scripted([LIVE]),
      onInterrupt: (leave) => (leaving.push(leave), () => {}),
      sleep: async () => void (++looks === 3 && leaving[0]?.()),
    });
    expect([code, looks]).toEqual([0, 3]);
    expect(err).toBe(
      'The session goes on without this view. Come back with:\n  npx autoresearch watch byte-lm-nov23\n',
    );
  });

  test('Ctrl-C waits for no answer', async () => {
    const { code, err } = await run(['watch'], {
      openFeed: scripted([LIVE], { view: () => new Promise(() => {}) }),
      onInterrupt: (leave) => (setImmediate(leave), () => {}),
    });
    expect(code).toBe(0);
    expect(err).toContain('npx autoresearch watch byte-lm-nov23');
  });

  test('a bug of ours while looking is no silence of the session', async () => {
    const { code, err } = await run(['watch'], { openFeed: scripted([new TypeError('oops')]) });
    expect(code).toBe(1);
    expect(err).toContain('A bug of ours: TypeError: oops');
  });
});

describe('on a terminal', () => {
  test('draws the same block again in place and leaves the last picture with the cursor shown', async () => {
    const openFeed = scripted([LIVE, LIVE, DONE]);
    const { code, out } = await run(['watch'], { openFeed, terminal: true });
    expect(code).toBe(0);
    const pictures = out.split('\u001B[?25l').slice(1);
    expect(pictures).toHaveLength(3);
    expect(pictures[0]).toContain('Ctrl-C leaves this view; the session goes on.');
    const rows = (pictures[0] ?? '').split('\n').length - 1;
    expect(pictures[1]?.startsWith(`\u001B[${rows}A\r\u001B[0J`)).toBe(true);
    expect(pictures[2]).not.toContain('Ctrl-C');
    expect(out.endsWith('\u001B[?25h')).toBe(true);
    expect(out).not.toContain('\u001B[32m');
  });

  test('colours the verdicts where colours are wanted', async () => {
    const { out } = await run(['watch'], { openFeed: scripted([DONE]), terminal: true, colour: true });
    expect(out).toContain('\u001B[32m   12  keep');
    expect(out).toContain('\u001B[31m   13  crash');
  });

  test('keeps within a small terminal, also one made narrower', async () => {
    const sizes = [
      { columns: 100, rows: 6 },
      { columns: 50, rows: 6 },
    ];
    let k = 0;
    const { out } = await run(['watch'], {
      openFeed: scripted([LIVE, DONE]),
      terminal: true,
      size: () => sizes[k < 2 ? (k++, 0) : 1] ?? { columns: 50, rows: 6 },
    });
    const pictures = out.split('\u001B[?25l').slice(1);
    for (const picture of pictures) expect(picture.split('\n').length).toBeLessThanOrEqual(6);
    // The five lines of the first picture now take more rows than lines: all of them are cleared.
    const [up = ''] = (pictures[1] ?? '').split('A\r');
    expect(Number(up.replace('\u001B[', ''))).toBeGreaterThan(5);
  });
});
