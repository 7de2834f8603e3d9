import { expect, test } from 'vitest';
import { warningsOf } from '../../src/cli/warnings.ts';
import { LIVE, SNAPSHOT, TRAINING, VIEW, ago } from './samples.ts';

const OPEN = { open: true, outcome: 'running', failure: null, taskAttempt: 1 };
const silent = { ...SNAPSHOT, view: VIEW, live: null, pending: [], outcome: OPEN };

test('warns of nothing when all is well', () => {
  expect(warningsOf(SNAPSHOT)).toEqual([]);
});

test('says since when the session has waited for a device', () => {
  const waiting = { ...TRAINING, started: false, beat: null, scheduledAt: ago(180) };
  expect(warningsOf({ ...SNAPSHOT, pending: [waiting] })).toEqual([
    'waiting for a device since 20:11 (3 min); `npx autoresearch up` starts a device worker here',
  ]);
  // A moment between two trials is no waiting.
  expect(warningsOf({ ...SNAPSHOT, pending: [{ ...waiting, scheduledAt: ago(1) }] })).toEqual([]);
});

test('says that no control worker has taken what only one can do', () => {
  const waiting = { ...TRAINING, activity: 'propose', started: false, beat: null, scheduledAt: ago(60) };
  expect(warningsOf({ ...SNAPSHOT, pending: [waiting] })[0]).toContain(
    'no control worker has taken `propose` since 20:13',
  );
});

test('tells the last failure of what is tried again', () => {
  const again = { ...TRAINING, attempt: 3, lastFailure: 'disk\nfull' };
  expect(warningsOf({ ...SNAPSHOT, pending: [again] })).toEqual(['train is tried again (attempt 3): disk full']);
});

test('a blocked session says why and what to do', () => {
  const live = { ...LIVE, status: 'blocked', reason: 'Expected git, got none.' } as const;
  expect(warningsOf({ ...SNAPSHOT, view: live, live })).toEqual([
    'blocked: Expected git, got none.',
    'mend that, then: npx autoresearch resume byte-lm-nov23',
  ]);
});

test('tells no control worker, a workflow task that keeps failing, and no server apart', () => {
  expect(warningsOf(silent)).toEqual(['no control worker answers; `npx autoresearch up` starts one']);
  expect(warningsOf({ ...silent, outcome: { ...OPEN, taskAttempt: 7 } })[0]).toContain(
    'a workflow task keeps failing (attempt 7): a bug of ours',
  );
  expect(warningsOf({ ...silent, server: false, outcome: null })[0]).toContain('no Temporal server answers');
  expect(warningsOf({ ...silent, outcome: null })[0]).toContain('interrupted: the server does not know this session');
});

test('an ended session warns of nothing but its failure', () => {
  const done = { ...VIEW, status: 'done' } as const;
  expect(warningsOf({ ...silent, view: done, server: false, outcome: null })).toEqual([]);
  const failed = { open: false, outcome: 'failed', failure: 'Expected `repo` to be …', taskAttempt: 0 };
  expect(warningsOf({ ...silent, view: null, outcome: failed })).toEqual(['failed: Expected `repo` to be …']);
});

test('lanes that wait while another trains take turns: no warning', () => {
  const waiting = { ...TRAINING, started: false, beat: null, scheduledAt: ago(180) };
  expect(warningsOf({ ...SNAPSHOT, pending: [TRAINING, waiting] })).toEqual([]);
});
