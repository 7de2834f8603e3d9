import { describe, expect, it } from 'vitest';
import type { Crash } from '../../src/domain/crash.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import { crashToRepair } from '../../src/domain/repair.ts';
import { recordOf } from '../proposer/records.ts';
import { trialOf } from './trials.ts';

const crashed = (experiment: number, crash: Crash, more: Partial<ExperimentRecord> = {}): ExperimentRecord =>
  recordOf({
    experiment,
    verdict: 'crash',
    proposer: 'anthropic',
    value: null,
    trials: [trialOf({ value: null, crash })],
    ...more,
  });
const ASSERTION = { class: 'assertion', fault: 'idea' } as const;
const OOM = { class: 'oom', fault: 'idea' } as const;
const wanted = (records: ExperimentRecord[], more: Partial<Parameters<typeof crashToRepair>[0]> = {}) =>
  crashToRepair({ records, inFlight: [], experiment: 9, by: 'model', ...more })?.experiment;

describe('a crash is repaired', () => {
  it('where it was the fault of an idea of a model, the newest first', () => {
    expect(wanted([crashed(6, ASSERTION), crashed(7, OOM), recordOf({ experiment: 8 })])).toBe(7);
  });

  it('never where it was the fault of the machine, refused before it ran, or the work of somebody else', () => {
    expect(wanted([crashed(7, { class: 'oom', fault: 'machine' })])).toBeUndefined();
    expect(wanted([crashed(7, { class: 'preflight', fault: 'idea' })])).toBeUndefined();
    expect(wanted([crashed(7, ASSERTION, { proposer: 'person' })])).toBeUndefined();
    expect(wanted([crashed(7, OOM, { verdict: 'discard' })])).toBeUndefined();
  });

  it('once: not where a repair of it waits, ran, or came to nothing', () => {
    const records = [crashed(7, ASSERTION)];
    expect(wanted(records, { inFlight: [7] })).toBeUndefined();
    expect(wanted([...records, recordOf({ experiment: 8, repairs: 7 })])).toBeUndefined();
    const work = { model: 'm', promptHash: 'p', turns: 2, inputTokens: 1, cachedTokens: 0, outputTokens: 1, usd: 0 };
    const dropped = recordOf({ experiment: 8, verdict: 'dropped', candidate: null, work: { ...work, repairs: 7 } });
    expect(wanted([...records, dropped])).toBeUndefined();
  });

  it('at most twice in a row, each repair of the crash before it', () => {
    const first = [crashed(6, ASSERTION), crashed(7, ASSERTION, { repairs: 6 })];
    expect(wanted(first)).toBe(7);
    expect(wanted([...first, crashed(8, ASSERTION, { repairs: 7 })])).toBeUndefined();
  });

  it('only while it is fresh', () => {
    expect(wanted([crashed(4, ASSERTION)])).toBe(4);
    expect(wanted([crashed(3, ASSERTION)])).toBeUndefined();
  });

  it('by an agent where it was an idea of an agent, whatever went wrong', () => {
    const by = 'agent' as const;
    expect(wanted([crashed(7, ASSERTION, { proposer: 'command' })], { by })).toBe(7);
    expect(wanted([crashed(7, OOM, { proposer: 'command' })], { by })).toBe(7);
    expect(wanted([crashed(7, ASSERTION)], { by })).toBeUndefined();
    expect(wanted([crashed(7, ASSERTION, { proposer: 'command' })])).toBeUndefined();
  });

  it('by the search where its own idea ran out of memory, for nothing else', () => {
    const by = 'search' as const;
    expect(wanted([crashed(7, OOM, { proposer: 'search' })], { by })).toBe(7);
    expect(wanted([crashed(7, ASSERTION, { proposer: 'search' })], { by })).toBeUndefined();
    expect(wanted([crashed(7, OOM)], { by })).toBeUndefined();
  });
});
