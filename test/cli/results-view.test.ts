import { expect, it } from 'vitest';
import { resultsCsv, resultsTable } from '../../src/cli/results-view.ts';
import { experimentLines } from '../../src/cli/show-view.ts';
import type { Trial } from '../../src/domain/experiment.ts';
import { trialOf } from '../domain/trials.ts';
import { recordOf } from '../proposer/records.ts';

const repair = recordOf({ experiment: 8, repairs: 7, proposer: 'anthropic' });

it('says of a repair what it is another try of, wherever experiments are told', () => {
  expect(resultsTable([repair], 120).join('\n')).toContain('WIDTH 8 -> 16 (repairs 7)');
  const [head = '', row = ''] = resultsCsv([repair]).split('\n');
  expect(row.split(',')[head.split(',').indexOf('repairs')]).toBe('7');
  const metric = { name: 'loss', direction: 'minimize' } as const;
  const shown = experimentLines({ record: repair, task: { metric }, hooks: [], diff: '', log: null, at: 0 }, 120).join(
    '\n',
  );
  expect(shown).toMatch(/repairs\s+experiment 7, which crashed/);
});

const task = { metric: { name: 'seconds', direction: 'minimize' }, target: 'val_bpb <= 3.28' } as const;
const reached = (val_bpb: number, more: Partial<Trial> = {}) =>
  trialOf({ value: 41.5, metrics: { val_bpb, seconds: 41.5 }, ...more });

it('says how far from its target an experiment was, and what each trial had reached', () => {
  const reason = 'reached 3.31, 0.03 short of val_bpb <= 3.28';
  const trials = [reached(3.27), reached(3.31, { trial: 2, missed: 0.03, failedCheck: reason })];
  const record = recordOf({ trials, reason, value: 41.5, gain: null });
  expect(resultsTable([record], 120).join('\n')).toContain(`WIDTH 8 -> 16 (${reason})`);
  const shown = experimentLines({ record, task, hooks: [], diff: '', log: null, at: 0 }, 120);
  expect(shown.join('\n')).toContain('41.500 seconds to val_bpb <= 3.28 (lower is better), noise 0.010');
  expect(shown.filter((line) => /^(#|1|2) /.test(line))).toEqual([
    expect.stringMatching(/^# +role +seed +value +val_bpb +device$/),
    expect.stringMatching(/^1 +candidate .* 41\.500 +3\.27000 /),
    expect.stringMatching(/^2 +candidate .* 41\.500 +3\.31000 /),
  ]);
});

it('says how many times the baseline’s a metric is that is measured beside it', () => {
  const score = { run: 'b', seconds: 1, sealed: false, paired: 10 };
  const timed = { metric: { name: 'latency_ms', direction: 'minimize' }, score } as const;
  const record = recordOf({ value: Math.log(0.8), gain: 0.22 });
  const shown = experimentLines({ record, task: timed, hooks: [], diff: '', log: null, at: 0 }, 160).join('\n');
  expect(shown).toContain(
    "0.800 times the baseline's latency_ms, -0.22314 log of latency_ms over the baseline's (lower is better)",
  );
});

it('says nothing of the kind of an experiment that is none', () => {
  expect(resultsTable([recordOf()], 120).join('\n')).not.toContain('repairs');
});

const WORK = { model: 'a-model', promptHash: 'p', turns: 1, inputTokens: 1, cachedTokens: 0, outputTokens: 1 };

it('says who proposed what, and what that cost, where it was not one search alone', () => {
  const work = { ...WORK, usd: 0.0125 };
  const [head = '', ...rows] = resultsTable(
    [
      recordOf(),
      recordOf({ proposer: 'anthropic', work }),
      recordOf({ proposer: 'command', work: { ...work, usd: null } }),
      recordOf({ proposer: '', candidate: null, work }),
      recordOf({ proposer: 'person' }),
      recordOf({ proposer: 'search', work: { ...work, inVain: true } }),
      recordOf({ proposer: '', candidate: null, work: { ...work, inVain: true } }),
    ],
    120,
  );
  const [by, idea] = [head.indexOf('by '), head.indexOf('hypothesis')];
  expect(rows.map((row) => row.slice(by, idea).trim().replaceAll(/ +/g, ' '))).toEqual([
    'search',
    'anthropic $0.0125',
    'command unknown',
    'model $0.0125',
    'person',
    'search $0.0125',
    'search $0.0125',
  ]);
  expect(resultsTable([recordOf(), recordOf()], 120)[0]).not.toContain('cost');
  // Who reviewed it is paid too.
  const opinion = { opinion: 'ok', reason: 'r', work: { ...WORK, usd: 0.25 } } as const;
  const [, both, reviewed] = resultsTable([recordOf({ work, opinion }), recordOf({ opinion })], 120);
  expect([both, reviewed].map((line) => /\$\S+/.exec(line ?? '')?.[0])).toEqual(['$0.2625', '$0.2500']);
});

it('cuts nobody’s name in 80 columns, where commits give way to it', () => {
  const work = { ...WORK, usd: 0.0125 };
  const records = Array.from({ length: 12 }, (_, k) => recordOf({ experiment: k + 1, proposer: 'anthropic', work }));
  const [head = '', ...rows] = resultsTable(records, 80);
  expect(head).not.toContain('commit');
  expect(rows.every((row) => row.includes(' anthropic  $0.0125  ') && row.length <= 80)).toBe(true);
  expect(resultsTable(records, 100)[0]).toContain('commit');
});
