import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { realWorld } from '../../src/cli/world.ts';
import { fakeFeed, named, run } from './fakes.ts';
import { OPEN, VIEW, ledger } from './samples.ts';

/** The person's own server is named, and does not answer. */
const silentFeed = async () => fakeFeed({ theirs: 'there:7233' });

const brokenFeed = async () => fakeFeed({ ledger: async () => Promise.reject(named('BrokenRef', 'cut short')) });

test("best, status and list say when the person's own server does not answer, and go on with git", async () => {
  for (const verb of ['best', 'list']) {
    const { code, err } = await run([verb], { openFeed: silentFeed });
    expect([code, err]).toEqual([0, expect.stringContaining('Expected a Temporal server at there:7233')]);
    expect(err).toContain('This is what git has.');
  }
  const { code, out } = await run(['status'], { openFeed: silentFeed });
  expect([code, out]).toEqual([0, expect.stringContaining('!  no Temporal server answers at there:7233; start it')]);
});

test('list says where there is nothing, and lists as a table and as JSON', async () => {
  expect(await run(['list'])).toMatchObject({ code: 0, out: '' });
  const one = { session: 'a', status: 'done', task: 't', repo: '/r', startedAt: '2025-11-22T10:00:00.000Z' };
  const openFeed = async () => fakeFeed({ sessions: async () => [{ ...one, source: 'git' as const }] });
  expect((await run(['list'], { openFeed })).out).toMatch(/^session {2}status {2}started +task {2}repo\na +done/);
  expect(JSON.parse((await run(['list', '--json'], { openFeed })).out)).toEqual([{ ...one, source: 'git' }]);
});

test('status of a session that knows no task yet leaves its line out', async () => {
  const early = { ...VIEW, task: '', metric: '', status: 'failed' as const };
  const openFeed = async () => fakeFeed({ view: async () => ({ source: 'git', view: early, live: null }) });
  expect((await run(['status'], { openFeed })).out).not.toMatch(/^task/m);
  expect((await run(['status'])).out).toMatch(/^task +byte-lm · val_bpb/m);
});

test('status shows a task that was derived from another program’s project', async () => {
  const open = { ...OPEN, project: 'karpathy' as const };
  const found = { directory: '/clone', repo: VIEW.repo, open, ledger: ledger([]) };
  const { out } = await run(['status'], { openFeed: async () => fakeFeed({ ledger: async () => found }) });
  expect(out).toContain('\ntask derived from a project of karpathy/autoresearch:\n  name: byte-lm\n');
  const over = { ...found, open: { ...open, overlaid: true } };
  expect((await run(['status'], { openFeed: async () => fakeFeed({ ledger: async () => over }) })).out).toContain(
    `karpathy/autoresearch, with what ${OPEN.taskPath} says otherwise:\n`,
  );
  expect((await run(['status'])).out).not.toContain('derived');
  expect((await run(['status'], { openFeed: brokenFeed })).code).toBe(0);
});

test('a state directory that is a file is named', async () => {
  const home = process.env['AUTORESEARCH_HOME'];
  const file = fileURLToPath(import.meta.url);
  process.env['AUTORESEARCH_HOME'] = file;
  try {
    const { openFeed } = realWorld();
    const { code, err } = await run(['list'], { openFeed });
    expect([code, err]).toEqual([1, expect.stringContaining(`Expected the state directory ${file} to be a folder`)]);
  } finally {
    process.env['AUTORESEARCH_HOME'] = home;
  }
});
