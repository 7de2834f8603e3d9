import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { fakeClient, fakeFeed, run } from './fakes.ts';
import { VIEW, record } from './samples.ts';

/** A world whose feed fails with this error at the first question. */
const failing = (error: Error) => ({
  openFeed: async () =>
    fakeFeed({
      resolve: async () => {
        throw error;
      },
    }),
});

const COMMANDS =
  'start demo best status list watch show results log verify judge quarantine forget pause resume audit stop extend hint init up down allow doctor worker service'
    .split(' ')
    .concat('worker control', 'worker gpu', 'service install', 'service status');

describe('exit codes', () => {
  test('0 with the result on stdout and nothing on stderr', async () => {
    const { code, out, err } = await run(['best']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('2.7911 ± 0.012 val_bpb');
  });

  test('0 for help and version, which are results', async () => {
    const help = await run(['--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toContain('Exit codes: 0 done');
    const start = (await run(['start', '--help'])).out;
    expect(start).toContain('Examples:');
    // Every option that has a default says it.
    for (const option of ['experiments', 'hours', 'proposer', 'rule', 'audit', 'calibration', 'push', 'keep-outputs'])
      expect(start.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(`--${option} <\\w+> [^-]*\\(default: `));
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('help fits 80 columns, and its examples can be copied', async () => {
    const commands = ['', ...COMMANDS].map((name) => [...name.split(' ').filter((word) => word !== ''), '--help']);
    for (const argv of commands) {
      const { code, out } = await run(argv);
      expect([argv, code]).toEqual([argv, 0]);
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(out).not.toMatch(/^ +autoresearch /m);
    }
  });

  test('1 for a failure of the world, in its own words and without a trace', async () => {
    const { code, out, err } = await run(['best'], failing(new Error('Expected git, got none; install it.')));
    expect([code, out, err]).toEqual([1, '', 'Expected git, got none; install it.\n']);
  });

  test('1 for a bug of ours, which names the log that has its trace', async () => {
    const { code, err } = await run(['best'], failing(new TypeError('x is not a function\n at all')));
    expect(code).toBe(1);
    expect(err).toMatch(/^A bug of ours: TypeError: x is not a function\n/);
    expect(err).not.toContain('main.test.ts');
    const log = join(process.env['AUTORESEARCH_HOME'] ?? '', 'logs', 'cli.log');
    expect(err).toContain(log);
    expect(readFileSync(log, 'utf8')).toContain('main.test.ts');
  });

  test('2 for bad input, 3 for an unknown session, 4 where no server answers', async () => {
    expect((await run(['best'], failing(new InvalidInput('no')))).code).toBe(2);
    const unknown = await run(['best', 'nothere']);
    expect([unknown.code, unknown.err]).toEqual([3, 'no nothere\n']);
    const away = await run(['pause']);
    expect(away.code).toBe(4);
    expect(away.err).toContain('npx autoresearch up');
  });

  test('the trace is shown to those who ask for it', async () => {
    process.env['AUTORESEARCH_DEBUG'] = '1';
    try {
      expect((await run(['best'], failing(new Error('no')))).err).toContain('main.test.ts');
    } finally {
      delete process.env['AUTORESEARCH_DEBUG'];
    }
  });
});

describe('what is mistyped is named, with what was meant where that can be guessed', () => {
  test.each([
    [['bst'], "error: unknown command 'bst'\n(Did you mean best?)\n"],
    [['best', '--jsno'], "error: unknown option '--jsno'\n(Did you mean --json?)\n"],
    [['start', '--experimets', '3'], "error: unknown option '--experimets'\n(Did you mean --experiments?)\n"],
    [['best', 'a', 'b'], "error: too many arguments for 'best'. Expected 1 argument but got 2.\n"],
    [['show'], "error: missing required argument 'n'\n"],
    [['start', '--hours'], "error: option '--hours <n>' argument missing\n"],
    [
      ['results', '--format', 'xml'],
      "error: option '--format <format>' argument 'xml' is invalid. Allowed choices are jsonl, csv, tsv, karpathy, pi, autokernel.\n",
    ],
    [['show', 'ten'], 'Expected `<n>` to be a whole number of at least 0, got "ten".\n'],
    [['show', '1.5'], 'Expected `<n>` to be a whole number of at least 0, got "1.5".\n'],
    [['log', '-1'], 'Expected `[n]` to be a whole number of at least 0, got "-1".\n'],
    [
      ['log', 'byte-lm-nov23'],
      'Expected `[n]` to be the number of an experiment, got "byte-lm-nov23"; a session comes after it: npx autoresearch log 12 byte-lm-nov23\n',
    ],
    [
      ['results', '--json', '--format', 'csv'],
      "error: option '--format <format>' cannot be used with option '--json'\n",
    ],
    [['log', '--lines', '0'], 'Expected `--lines` to be a whole number of at least 1, got "0".\n'],
    [
      ['extend'],
      'Expected `extend` to say by what, got nothing; say --experiments, --hours, --gpu-hours, --usd or --tokens.\n',
    ],
    [['extend', '--gpu-hours', 'NaN'], 'Expected `--gpu-hours` to be a number, got "NaN".\n'],
    [['extend', '--experiments', '1e9'], 'Expected `--experiments` to be at most 100000, got 1000000000.\n'],
    [['extend', '--experiments', '0'], 'Expected `--experiments` to be at least 1, got 0.\n'],
  ])('%j', async (argv, text) => {
    expect(await run(argv)).toEqual({ code: 2, out: '', err: text });
  });

  test('no command at all is answered with the help, on stderr', async () => {
    const { code, out, err } = await run([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: autoresearch');
  });
});

describe('answers', () => {
  test('best --json has the shape that scripts rely on', async () => {
    const answer: unknown = JSON.parse((await run(['best', '--json'])).out);
    expect(answer).toEqual({
      session: 'byte-lm-nov23',
      status: 'interrupted',
      metric: 'val_bpb',
      direction: 'minimize',
      tier: 'A',
      best: {
        commit: VIEW.best?.commit,
        branch: 'autoresearch/byte-lm-nov23',
        experiment: 12,
        value: 2.7911,
        stderr: 0.012,
        trials: 1,
      },
      baseline: { commit: VIEW.baseline?.commit, value: 2.8512, stderr: 0.007, trials: 3 },
      gain: {
        claimed: expect.closeTo(0.0601),
        low: expect.closeTo(0.0329, 3),
        high: expect.closeTo(0.0873, 3),
        sealed: null,
      },
      experiments: {
        total: 13,
        kept: 1,
        discarded: 11,
        crashed: 1,
        quarantined: 0,
        failed: 0,
        undecided: 0,
        dropped: 0,
      },
    });
  });

  test('status fits 80 columns and says that no server answers', async () => {
    const { out } = await run(['status']);
    expect(out).toContain('!  no Temporal server answers; `npx autoresearch up` starts it');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(JSON.parse((await run(['status', '--json'])).out)).toMatchObject({
      source: 'git',
      warnings: [expect.stringContaining('no Temporal')],
    });
  });

  test('steering is one update, whose answer is printed', async () => {
    const sent: unknown[] = [];
    const client = fakeClient({
      update: async (session, verb, options) => (sent.push([session, verb, options]), { status: 'stopping' }),
    });
    const openFeed = async () => fakeFeed({ client });
    expect(await run(['stop', '--now'], { openFeed })).toEqual({ code: 0, out: 'byte-lm-nov23 · stopping\n', err: '' });
    await run(['hint', ' smaller '], { openFeed });
    await run(['extend', 'other', '--experiments', '5', '--gpu-hours', '.5'], { openFeed });
    expect(sent).toEqual([
      ['byte-lm-nov23', 'stop', { now: true }],
      ['byte-lm-nov23', 'hint', { text: 'smaller' }],
      ['other', 'extend', { experiments: 5, gpuHours: 0.5 }],
    ]);
    expect(JSON.parse((await run(['pause', '--json'], { openFeed })).out)).toEqual({
      session: 'byte-lm-nov23',
      status: 'stopping',
    });
  });

  test('the feed is closed, also after an error', async () => {
    let closed = 0;
    const openFeed = async () => fakeFeed({ close: async () => void closed++ });
    await run(['best'], { openFeed });
    await run(['best', 'nothere'], { openFeed });
    expect(closed).toBe(2);
    await run(['results'], { openFeed: async () => fakeFeed({ close: async () => void closed++ }, [record(1)]) });
    expect(closed).toBe(3);
  });
});
