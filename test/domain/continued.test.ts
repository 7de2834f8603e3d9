import { expect, it } from 'vitest';
import { continueFrom, continuedInput, inputOf } from '../../src/domain/continued.ts';
import type { Trial } from '../../src/domain/experiment.ts';
import { endOf, type LedgerEvent, type OpenEvent } from '../../src/domain/ledger.ts';
import { newRecord, openEvent } from '../git/sandbox.ts';
import { newTrial } from './trials.ts';

const AT = '2026-11-24T00:00:00.000Z';
const opened = openEvent('base') as OpenEvent;
const open: OpenEvent = { ...opened, input: { experiments: 10, trialSeconds: 2, hours: 8 } };
const trial = (value: number, more: Partial<Trial> = {}): Trial =>
  newTrial({ value, seconds: 30, budgetSeconds: 30, tier: 'A', ...more });
const baseline: LedgerEvent = { version: 1, kind: 'baseline', at: AT, commit: 'base', trials: [trial(2), trial(2.2)] };
const end: LedgerEvent = { version: 1, kind: 'end', at: AT, status: 'done', reason: 'budget' };
const again: LedgerEvent = { version: 1, kind: 'continued', at: AT, input: {} };

it('takes what was asked this time, and keeps the rest of what the session began with', () => {
  const input = continuedInput(
    { events: [open] },
    { continueFrom: 'night', repo: '/elsewhere', experiments: 40, trialSeconds: 2 },
  );
  expect(input).toEqual({ experiments: 40, trialSeconds: 2, hours: 8 });
});

const change = () => continuedInput({ events: [open] }, { continueFrom: 'night', trialSeconds: 5, seed: 1 });

it('remembers what was asked at each continuation', () => {
  const events: LedgerEvent[] = [open, { ...again, input: { continueFrom: 'night', push: 'none', experiments: 20 } }];
  expect(inputOf(events)).toEqual({ experiments: 20, trialSeconds: 2, hours: 8, push: 'none' });
  expect(continuedInput({ events }, { continueFrom: 'night', hours: 1 })).toMatchObject({ push: 'none', hours: 1 });
});

it('refuses to change what every number of the session hangs on, each by its name', () => {
  expect(change).toThrow('Expected `trialSeconds` to stay 2 in a session that is continued, got 5');
  expect(change).toThrow('Expected `seed` to stay as it was, left out, in a session that is continued, got 1');
});

const goesOn = (before: OpenEvent['input'], given: OpenEvent['input']) =>
  continuedInput({ events: [{ ...open, input: before }] }, { continueFrom: 'night', ...given });

it('forgets what was asked for the sake of what is another now', () => {
  const asked = { proposer: 'command', command: 'codex', model: 'm', usd: 5 } as const;
  expect(goesOn(asked, { proposer: 'search' })).toEqual({ proposer: 'search', usd: 5 });
  expect(goesOn(asked, { command: 'gemini' })).toEqual({ proposer: 'command', command: 'gemini', usd: 5 });
  expect(goesOn(asked, { proposer: 'command', hours: 1 })).toEqual({ ...asked, hours: 1 });
  const model = { proposer: 'anthropic', model: 'm' } as const;
  expect(goesOn(model, { proposer: 'search' })).toEqual({ proposer: 'search', model: 'm' });
  expect(goesOn(model, { proposer: 'command', command: 'codex' })).toEqual({ proposer: 'command', command: 'codex' });
  const approved = { approve: true, approveMinutes: 5, approveThen: 'try' } as const;
  expect(goesOn(approved, { approve: false })).toEqual({ approve: false });
  expect(goesOn({ scale: [2] }, { audit: 'none' })).toEqual({ audit: 'none' });
});

it('refuses at once what fits nothing that stays, also where an earlier continuation took it away', () => {
  expect(() => goesOn({ proposer: 'search' }, { command: 'codex' })).toThrow('Expected `proposer` to be `command`');
  expect(() => goesOn({}, { approveMinutes: 5 })).toThrow('Expected `approveMinutes` to be `approve` beside it');
  const events: LedgerEvent[] = [
    { ...open, input: { proposer: 'command', command: 'codex' } },
    { ...again, input: { proposer: 'search' } },
  ];
  expect(inputOf(events)).toEqual({ proposer: 'search' });
  expect(() => continuedInput({ events }, { proposer: 'command' })).toThrow('Expected `command` to be a command line');
});

it('goes on after the last record, from the last keep, with all that was spent', () => {
  const kept = newRecord(2, { verdict: 'keep', candidate: 'c2', value: 1.9, trials: [trial(1.9, { tier: 'B' })] });
  const records = [newRecord(1), kept, newRecord(3, { verdict: 'dropped' })];
  const continued = continueFrom({ experiments: records, events: [open, baseline, again] }, open.input, 5);
  expect(continued).toMatchObject({
    nextExperiment: 4,
    nextEvent: 3,
    givenOut: 5,
    trainedSeconds: 90,
    counts: { total: 2, kept: 1, discarded: 1, dropped: 1 },
    course: { incumbent: { commit: 'c2', experiment: 2, value: 1.9 }, baseline: { commit: 'base', experiment: 0 } },
    tier: 'B',
    measuredOn: { deviceClass: 'c', dataHash: 'd', hostId: 'h', device: 'cpu' },
  });
  expect(continued.last.map(({ experiment }) => experiment)).toEqual([1, 2, 3]);
});

it('knows what its lanes had not ended, and what was better than a base that another had replaced', () => {
  const overtaken = { verdict: 'undecided', overtaken: true } as const;
  const records = [
    newRecord(1, overtaken),
    newRecord(3, { ...overtaken, accepted: 9 }),
    newRecord(5, { ...overtaken, parent: 1 }),
    newRecord(6, { verdict: 'discard', parent: 5 }),
    newRecord(7, { verdict: 'undecided', parent: 3, accepted: 9 }),
  ];
  expect(continueFrom({ experiments: records, events: [open, baseline, again] }, open.input, 8)).toMatchObject({
    nextExperiment: 8,
    unrecorded: [2, 4],
    overtaken: [{ experiment: 3, accepted: 9 }],
  });
});

it('begins with the baseline where a session never came to it', () => {
  const continued = continueFrom({ experiments: [], events: [open, again] }, open.input, 0);
  expect(continued).toMatchObject({ course: null, nextExperiment: 1, nextEvent: 2 });
});

it('a session that was continued has no end until it ends again', () => {
  expect(endOf([open, baseline, end])).toBe(end);
  expect(endOf([open, baseline, end, again])).toBeUndefined();
  expect(endOf([open, baseline, end, again, end])).toBe(end);
});

it('goes on with the limits that the baseline made, and counts runs that do not count as time', () => {
  const earlier = [{ trial: 1, value: null, seconds: 12, reason: 'killed', fault: 'machine' as const }];
  const limited: LedgerEvent = { ...open, task: { ...open.task, limits: { peak_memory_mb: '2x' } } };
  const measured: LedgerEvent = { ...baseline, trials: [trial(2, { peakMemoryMb: 100, earlier })] };
  expect(continueFrom({ experiments: [], events: [limited, measured, again] }, {}, 0)).toMatchObject({
    ceilings: [{ name: 'peak_memory_mb', most: 200, baseline: 100 }],
    trainedSeconds: 42,
  });
  expect(continueFrom({ experiments: [], events: [limited, again] }, {}, 0).ceilings).toEqual([]);
});

/** Of a task whose bound the experiment is beyond that is accepted and kept below. */
const bounded = (event: LedgerEvent): LedgerEvent =>
  event.kind === 'open' ? { ...event, task: { ...event.task, metric: { ...event.task.metric, bound: 1.65 } } } : event;

it('goes on with what a person accepted and nobody tried, what is usual by then, and the line since its last audit', () => {
  const said = (experiment: number, decision: 'accepted' | 'rejected'): LedgerEvent => ({
    version: 1,
    kind: 'reviewed',
    at: AT,
    experiment,
    decision,
  });
  const kept = (experiment: number, more: object = {}) =>
    newRecord(experiment, {
      verdict: 'keep',
      candidate: `c${experiment}`,
      rule: 'greedy',
      trials: [trial(2 - experiment / 10, { role: 'candidate', commit: `c${experiment}`, seconds: 33 })],
      ...more,
    });
  const told = { claimed: 0.4, gain: 0.4, low: 0.3, high: 0.5, stderr: 0.1, z: 0, passed: true, trials: [] };
  const of = { commit: 'c4', moment: 'on the way', baseline: 'base', split: 'val' } as const;
  const audited: LedgerEvent = { version: 1, kind: 'audit', at: AT, ...of, ...told };
  const held = newRecord(5, { verdict: 'quarantine', candidate: 'c5', accepted: 2, trials: [trial(1)] });
  const failed = newRecord(6, { verdict: 'failed', candidate: 'c6', accepted: 3, trials: [] });
  const events = [open, baseline, audited, ...[1, 2, 3].map((n) => said(n, 'accepted')), said(1, 'rejected'), again];
  const experiments = [kept(4, { accepted: 9 }), held, failed, kept(7)];
  const { accepted, usual, line } = continueFrom({ experiments, events: events.map(bounded) }, {}, 0);
  expect(accepted).toEqual([3]); // 1 was taken back, 2 has its verdict
  expect(usual).toMatchObject({ seconds: 33, accepts: ['bound'] });
  expect(line?.map(({ incumbent }) => incumbent.commit)).toEqual(['c4', 'c7']);
});
