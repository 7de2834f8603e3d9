import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  isDown,
  mayAsk,
  noteAnswer,
  noteFailure,
  outageWords,
  readOutage,
} from '../../../src/proposer/model/outage.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'autoresearch-outage-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NOON = Date.parse('2026-11-25T12:00:00.000Z');
const MINUTE = 60_000;
const fail = (now: number, afterMs?: number): void =>
  noteFailure(folder, 'night', { reason: 'no answer', afterMs }, now);
const now = () => readOutage(folder, 'night');

it('the third failure in a row makes an outage, which is told with its beginning and lasts until an answer', () => {
  expect(now()).toBeNull();
  fail(NOON);
  fail(NOON + 1);
  expect([isDown(now()), outageWords(now()), mayAsk(now(), NOON + 1)]).toEqual([false, null, true]);
  fail(NOON + 2);
  expect(isDown(now())).toBe(true);
  expect(outageWords(now())).toMatch(
    /^The model is down since 2026-11-25T12:00:00.000Z: no answer\. .* every 5 minutes\.$/,
  );
  noteAnswer(folder, 'night');
  expect(now()).toBeNull();
  noteAnswer(folder, 'night'); // as often as anybody likes
});

it('one that is down is asked every five minutes; one that says when, not before', () => {
  fail(NOON, 30_000);
  expect([mayAsk(now(), NOON + 29_000), mayAsk(now(), NOON + 30_000)]).toEqual([false, true]);
  fail(NOON);
  fail(NOON);
  expect([mayAsk(now(), NOON + 5 * MINUTE - 1), mayAsk(now(), NOON + 5 * MINUTE)]).toEqual([false, true]);
  fail(NOON + 5 * MINUTE, 60 * MINUTE);
  expect(mayAsk(now(), NOON + 64 * MINUTE)).toBe(false);
});

it('each session has its own', () => {
  for (let k = 0; k < 3; k++) fail(NOON);
  expect(readOutage(folder, 'another')).toBeNull();
});
