import { expect, test } from 'vitest';
import { dueHooks, hookPath, hookTrouble, type HookRun } from '../../src/domain/hook.ts';

const BOTH = { before: 'b', after: 'a' };
const named = (...stages: readonly ['before' | 'after', number][]) =>
  stages.map(([stage, experiment]) => ({ stage, experiment }));

test('what was tried has its hook first, then the proposal; what ran never runs again', () => {
  const night = { hooks: BOTH, tried: [1, 3], next: 5 };
  expect(dueHooks({ ...night, ran: [] })).toEqual(named(['after', 1], ['after', 3], ['before', 5]));
  expect(dueHooks({ ...night, ran: named(['before', 1], ['after', 1]) })).toEqual(named(['after', 3], ['before', 5]));
  expect(dueHooks({ ...night, ran: named(['after', 1], ['after', 3], ['before', 5]) })).toEqual([]);
});

test('a hook that the task has not never runs, nor one before a proposal at the end', () => {
  const night = { ran: [], tried: [1], next: 2 };
  expect(dueHooks({ ...night, hooks: { before: 'b' } })).toEqual(named(['before', 2]));
  expect(dueHooks({ ...night, hooks: { after: 'a' } })).toEqual(named(['after', 1]));
  expect(dueHooks({ ...night, hooks: undefined })).toEqual([]);
  expect(dueHooks({ hooks: BOTH, ran: [], tried: [1] })).toEqual(named(['after', 1]));
});

test('runs of one experiment stand in two places', () => {
  expect(named(['before', 123], ['after', 123]).map(hookPath)).toEqual([
    'hooks/01/123-before.json',
    'hooks/01/123-after.json',
  ]);
});

test('says how a hook failed, and nothing of one that did not', () => {
  const run: HookRun = {
    version: 1,
    stage: 'before',
    experiment: 1,
    at: '',
    exitCode: 0,
    timedOut: false,
    seconds: 0.1,
    stdoutBytes: 0,
    note: '',
  };
  expect(hookTrouble(run)).toBeNull();
  expect(hookTrouble({ ...run, exitCode: 3 })).toBe('exited with code 3');
  expect(hookTrouble({ ...run, exitCode: null })).toBe('was ended by a signal');
  expect(hookTrouble({ ...run, exitCode: null, timedOut: true, seconds: 30.1 })).toBe('was ended after 30 s');
});
