// A file that is not what its path promises is named, and does not keep the rest from being read.
import { expect, it } from 'vitest';
import type { HookRun } from '../../src/domain/hook.ts';
import { experimentPath, serialize } from '../../src/domain/ledger.ts';
import { resultsTsv } from '../../src/domain/results-tsv.ts';
import { readContents } from '../../src/domain/ledger-contents.ts';
import { END, newNight, problemsIn, tamper, writeBlob } from '../git/night.ts';
import { newRecord, openEvent } from '../git/sandbox.ts';

const OPEN = { path: 'events/0-open.json', text: serialize(openEvent('0'.repeat(40))) };

it('reads what is there, by number, and says which numbers the paths claim', () => {
  const records = [100, 2, 99].map((n) => newRecord(n));
  const files = records.map((record) => ({ path: experimentPath(record.experiment), text: serialize(record) }));
  const table = { path: 'results.tsv', text: resultsTsv(records) };
  const contents = readContents([...files, table, OPEN, { path: experimentPath(7), problem: 'gone' }]);
  expect(contents.records.map(({ experiment }) => experiment)).toEqual([2, 99, 100]);
  expect(contents).toMatchObject({
    events: [{ index: 0, event: { kind: 'open' } }],
    table: table.text,
    unreadable: [{ path: experimentPath(7), problem: 'gone' }],
    claimed: { experiments: [2, 7, 99, 100], events: [0] },
  });
});

const HOOK_RUN: HookRun = {
  version: 1,
  stage: 'before',
  experiment: 1,
  told: 1,
  at: '2025-11-23T20:01:00.000Z',
  exitCode: 0,
  timedOut: false,
  seconds: 0.1,
  stdoutBytes: 3,
  note: 'hm\n',
};

const at = (n: number) => `Expected ${experimentPath(n)} to be what its place in the ledger says, got`;
const PLACE = 'experiments/00/1.json';

it.each([
  ['no JSON', experimentPath(7), '{', 'Expected property name'],
  ['no record', experimentPath(7), '{"version":1}', '✖ Invalid input'],
  ["another experiment's record", experimentPath(7), serialize(newRecord(8)), 'the record of experiment 8'],
  [
    'a second record of a number',
    'experiments/07/1.json',
    serialize(newRecord(1)),
    `the record of experiment 1, whose place is ${PLACE}, which has one already.`,
  ],
  ['a record at no place of one', 'experiments/1.json', serialize(newRecord(1)), 'the record of experiment 1'],
  ['of no ledger', 'notes.txt', 'hello', 'a file that no ledger has.'],
  ['no hook’s run', 'hooks/00/1-before.json', '{"version":1}', '✖ Invalid'],
  ['another hook’s run', 'hooks/00/1-after.json', serialize(HOOK_RUN), 'the hook before of experiment 1'],
  ['another event than its path says', 'events/3-baseline.json', serialize(END), 'an event of kind end.'],
])('names a file that is %s', async (_what, path, text, problem) => {
  const { clone } = await newNight({ ended: false });
  await tamper(clone, 'night', { [path]: text });
  const found = await problemsIn(clone);
  expect(found[0]).toContain(`Expected ${path} to be what its place in the ledger says, got ${problem}`);
});

it('names a file that is no text, or no file at all', async () => {
  const { clone, base } = await newNight({ ended: false });
  const bytes = await writeBlob(clone, new Uint8Array([0xff, 0xfe, 0x00]));
  await tamper(clone, 'night', {
    [experimentPath(7)]: { mode: '100644', object: bytes },
    [experimentPath(8)]: { mode: '120000', object: bytes },
    [experimentPath(9)]: { mode: '160000', object: base },
  });
  expect(await problemsIn(clone)).toEqual([
    `${at(7)} bytes that are no UTF-8 text.`,
    `${at(8)} no regular file (mode 120000).`,
    `${at(9)} no regular file (mode 160000).`,
  ]);
});
