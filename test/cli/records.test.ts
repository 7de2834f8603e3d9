import { expect, test } from 'vitest';
import type { Feed } from '../../src/feed.ts';
import { fakeClient, fakeFeed, run } from './fakes.ts';
import { LIVE, TRIAL, record } from './samples.ts';

const CRASH = record(13, {
  verdict: 'crash',
  reason: 'Expected a line with `val_bpb`, got none.',
  hypothesis: 'WIDTH 128 -> 9999, "wide"',
  value: null,
  gain: null,
  trials: [{ ...TRIAL, value: null, failure: 'ran out of memory' }],
});
const DROPPED = record(14, {
  verdict: 'dropped',
  candidate: null,
  value: null,
  gain: null,
  trials: [],
  reason: 'a tree that was tried',
});
const openFeed = async () => fakeFeed({}, [record(12), CRASH, DROPPED]);
/** A feed of a session without a ledger. */
const asking = (more: Partial<Feed>) => async () => fakeFeed({ ledger: async () => null, ...more });
const noView = async () => {
  throw new Error('no query');
};

test('results are a table of at most 80 columns', async () => {
  const { code, out, err } = await run(['results'], { openFeed });
  expect(code).toBe(0);
  expect(err).toBe('note: gains under `greedy` are unreplicated: one trial each, and often luck\n');
  expect(out).toBe(
    [
      '#   commit   verdict  value   gain     tier  trials  hypothesis',
      '12  1a2b3c4  keep     2.7911  +0.0601  A     1       LEARNING_RATE 0.001 -> 0.0…',
      '13  1a2b3c4  crash                           1       WIDTH 128 -> 9999, "wide" …',
      '14           dropped                         0       LEARNING_RATE 0.001 -> 0.0…',
      '',
    ].join('\n'),
  );
});

test('results --json is the list of the records as the ledger has them', async () => {
  expect(JSON.parse((await run(['results', '--json'], { openFeed })).out)).toEqual([record(12), CRASH, DROPPED]);
  const none = await run(['results'], { openFeed: async () => fakeFeed({}, []) });
  expect([none.code, none.err]).toEqual([0, 'No experiment has ended yet.\n']);
});

const format = async (name: string): Promise<string> => (await run(['results', '--format', name], { openFeed })).out;

test('each format has its own text', async () => {
  const jsonl = (await format('jsonl')).trimEnd().split('\n');
  expect(jsonl.map((line) => JSON.parse(line))).toEqual([record(12), CRASH, DROPPED]);
  expect((await format('tsv')).split('\n')[0]).toBe('experiment\tcommit\tvalue\tgain\tverdict\ttrials\thypothesis');
  const csv = (await format('csv')).split('\n');
  expect(csv[0]).toMatch(/^experiment,commit,base,verdict,value,gain,/);
  expect(csv[0]).toContain(',gain,better,noise,tier,trials,');
  expect(csv[1]).toContain(',keep,2.7911,0.0601,,0.012,A,1,6.01,');
  expect(csv[2]).toContain(',crash,,,,0.012,,1,6.01,');
  expect(csv[2]).toContain(',"WIDTH 128 -> 9999, ""wide""",');
});

test('results --format karpathy is their five columns: the baseline first, a crash as zero, what never trained left out', async () => {
  expect((await run(['results', '--format', 'karpathy'], { openFeed })).out).toBe(
    [
      'commit\tval_bpb\tmemory_gb\tstatus\tdescription',
      '0000000\t2.851200\t2.0\tkeep\tbaseline',
      '1a2b3c4\t2.791100\t2.0\tkeep\tLEARNING_RATE 0.001 -> 0.0023',
      '1a2b3c4\t0.000000\t0.0\tcrash\tWIDTH 128 -> 9999, "wide"',
      '',
    ].join('\n'),
  );
});

test('show tells hypothesis, verdict with its reason, trials, diff and the end of the log', async () => {
  const { out } = await run(['show', '12'], { openFeed });
  expect(out).toBe(
    `experiment  12 · keep
hypothesis  LEARNING_RATE 0.001 -> 0.0023
reason      0.0601 better than the incumbent in one trial (noise 0.012)
value       2.7911 val_bpb (lower is better), gain +0.0601 over 2.8512, noise
            0.012
tier        A
judged      by greedy, one trial against another
candidate   1a2b3c400000 from 000000000000, by search
time        20:13, 7 s

trials:
#  role       seed  value   seconds  device
1  candidate  77    2.7911  6.01     cpu

diff:
-LEARNING_RATE = 0.001
+LEARNING_RATE = 0.0023

log:
step 1
step 2
done
`,
  );
  const crash = await run(['show', '13'], { openFeed: async () => fakeFeed({ trialLog: async () => null }, [CRASH]) });
  expect(crash.out).toContain('1  candidate  77           6.01     cpu: ran out of memory');
  expect(crash.out).toContain('log:\nnot on this machine');
});

test('show --json is the record with its diff and the end of its log', async () => {
  const shown: unknown = JSON.parse((await run(['show', '12', '--json'], { openFeed })).out);
  expect(shown).toEqual({
    ...record(12),
    diff: '-LEARNING_RATE = 0.001\n+LEARNING_RATE = 0.0023\n',
    log: ['step 1', 'step 2', 'done'],
  });
});

test('judge says what another rule would have made of it, as text and as JSON', async () => {
  const { code, out } = await run(['judge', '--rule', 'strict'], { openFeed });
  expect(code).toBe(0);
  expect(out).toBe(
    [
      '#   was   now   gain  why',
      '12  keep  open        it would have asked for another trial of the candidate',
      '',
      '1 experiment of 2 under `strict` as they were.',
      '',
    ].join('\n'),
  );
  expect(JSON.parse((await run(['judge', '--rule', 'greedy', '--json'], { openFeed })).out)).toMatchObject({
    rule: 'greedy',
    experiments: [
      { experiment: 12, was: 'keep', now: 'keep', trials: 1 },
      { experiment: 13, now: 'crash' },
    ],
  });
  expect((await run(['judge', '--rule', 'lax'], { openFeed })).code).toBe(2);
});

test('a session that the server has and that has no ledger yet is told with what became of it', async () => {
  const early = { ...LIVE, session: 'early', status: 'blocked' as const, reason: 'This machine has not allowed it' };
  const blocked = asking({ view: async () => ({ source: 'temporal', view: early, live: early }) });
  const text = 'Expected a session with a ledger, got early, which has no ledger yet';
  for (const argv of [
    ['results', 'early'],
    ['show', '1', 'early'],
  ])
    expect(await run(argv, { openFeed: blocked })).toEqual({
      code: 3,
      out: '',
      err: `${text}: blocked: This machine has not allowed it.\n`,
    });
  const outcome = { open: false, outcome: 'failed', failure: 'Expected `repo` to be a git repo.', taskAttempt: 0 };
  const failed = asking({ client: fakeClient({ outcome: async () => outcome }), view: noView });
  expect((await run(['results', 'early'], { openFeed: failed })).err).toBe(
    `${text}: failed: Expected \`repo\` to be a git repo.\n`,
  );
});

test('show 0 is the baseline', async () => {
  const { out } = await run(['show', '0'], { openFeed });
  expect(out).toMatch(/^baseline {2}000000000000\nmetric {4}val_bpb \(lower is better\)\n/);
  expect(out).toContain('2  baseline  77    2.8524');
});

test('results --format karpathy has the memory that was measured, before what was printed', async () => {
  const measured = record(12, { trials: [{ ...TRIAL, peakVramMb: 4096 }] });
  const { out } = await run(['results', '--format', 'karpathy'], { openFeed: async () => fakeFeed({}, [measured]) });
  expect(out).toContain('1a2b3c4\t2.791100\t4.0\tkeep');
});

test('what is not there is exit 3 and says what is', async () => {
  const missing = await run(['show', '99'], { openFeed });
  expect(missing).toEqual({
    code: 3,
    out: '',
    err: 'Expected an experiment of byte-lm-nov23 that has ended, got 99; the last that ended is 14.\n',
  });
  for (const argv of [
    ['results', 'nothere'],
    ['show', '1', 'nothere'],
    ['log', '1', 'nothere'],
  ])
    expect(await run(argv, { openFeed })).toMatchObject({ code: 3, out: '' });
});

const view: Feed['view'] = async () => ({ source: 'temporal', view: LIVE, live: LIVE });

/** Of a baseline that never got a record. */
const lastTrial = async (): Promise<number> => 5;

test('log is of the experiment named, else of the running one, else of the last; carriage returns end lines', async () => {
  const asked: unknown[] = [];
  const trialLog: Feed['trialLog'] = async (_session, n, trial) => {
    asked.push([n, trial]);
    return `${n}/${trial}: 1\r2\r3\n`;
  };
  const stopped = async () => fakeFeed({ trialLog, lastTrial }, [record(12), CRASH, DROPPED]);
  const running = async () => fakeFeed({ trialLog, view });
  expect((await run(['log', '--lines', '2'], { openFeed: stopped })).out).toBe('2\n3\n');
  await run(['log'], { openFeed: running });
  await run(['log', '12', '--trial', '3'], { openFeed: running });
  await run(['log', '0'], { openFeed: stopped });
  expect(JSON.parse((await run(['log', '12', '--json'], { openFeed: stopped })).out)).toEqual({
    session: 'byte-lm-nov23',
    experiment: 12,
    trial: 1,
    lines: ['12/1: 1', '2', '3'],
  });
  expect(asked).toEqual([
    [13, 1],
    [14, 1],
    [12, 3],
    [0, 5],
    [12, 1],
  ]);
  expect((await run(['log'], { openFeed: async () => fakeFeed({ trialLog: async () => null }) })).code).toBe(3);
});
