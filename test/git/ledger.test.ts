import { describe, expect, it } from 'vitest';
import { experimentPath, serialize } from '../../src/domain/ledger.ts';
import { resultsTsv } from '../../src/domain/results-tsv.ts';
import { ledgerRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { addResultsRow, CorruptLedger, listSessions, readLedger } from '../../src/git/ledger.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { writeCommit } from '../../src/git/write-commit.ts';
import { appendEvent } from '../../src/git/event.ts';
import { at, newRecord, newRepo, newSession, openEvent } from './sandbox.ts';

/** Puts a file into a session's ledger behind our back. */
async function tamper(clone: string, tag: string, path: string, text: string): Promise<void> {
  const parent = await at(clone, ledgerRef(tag));
  const { commit } = await writeCommit({
    clone,
    parent,
    files: [{ path, mode: '100644', text }],
    message: 'tamper\n',
    at: '2025-11-23T20:00:00Z',
  });
  await git(clone, ['update-ref', ledgerRef(tag), commit]);
}

describe('readLedger', () => {
  it('is undefined where there is no such session', async () => {
    expect(await readLedger(await newRepo(), 'night')).toBeUndefined();
  });

  it('reads hundreds of experiments in their order', async () => {
    const { clone, tag, base } = await newSession();
    const numbers = [100, 99, 2, 250];
    for (const n of numbers) await closeExperiment({ clone, tag, record: newRecord(n) });
    const ledger = await readLedger(clone, tag);
    expect(ledger?.experiments.map(({ experiment }) => experiment)).toEqual([2, 99, 100, 250]);
    expect(ledger?.events).toEqual([openEvent(base)]);
  });

  it.each([
    ['no JSON', experimentPath(1), '{'],
    ['another version', experimentPath(1), serialize(newRecord(1)).replace('1', '2')],
    ["another experiment's record", experimentPath(1), serialize(newRecord(2))],
    ['a stranger', 'experiments/readme.txt', 'hello'],
    ['another kind of event', 'events/1-baseline.json', serialize(openEvent('0'.repeat(40)))],
  ])('names path and ref of a file that is %s', async (_what, path, text) => {
    const { clone, tag } = await newSession();
    await tamper(clone, tag, path, text);
    const error: unknown = await readLedger(clone, tag).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CorruptLedger);
    expect(String(error)).toContain(`Expected ${path} in refs/autoresearch/${tag}/ledger`);
  });

  it('says of another version that another program wrote it, whatever else is unknown of it', async () => {
    const { clone, tag } = await newSession();
    const text = JSON.stringify({ ...newRecord(1), version: 9, verdict: 'perhaps' });
    await tamper(clone, tag, experimentPath(1), text);
    await expect(readLedger(clone, tag)).rejects.toThrow(
      'got one of version 9, which another autoresearch wrote: use that, or a newer one; look at',
    );
  });

  it('is not written to when its table is none', async () => {
    const { clone, tag } = await newSession();
    await tamper(clone, tag, 'results.tsv', 'something else\n');
    await expect(closeExperiment({ clone, tag, record: newRecord(1) })).rejects.toThrow(/results\.tsv in refs/);
  });
});

it('listSessions names the sessions, the last written first', async () => {
  const { clone, tag, base } = await newSession();
  await appendEvent({
    clone,
    tag: 'later',
    index: 0,
    event: { ...openEvent(base, 'later'), at: '2025-11-24T00:00:00Z' },
  });
  expect((await listSessions(clone)).map((session) => session.tag)).toEqual(['later', tag]);
  await closeExperiment({ clone, tag, record: newRecord(1, { endedAt: '2025-11-25T00:00:00Z' }) });
  const [first] = await listSessions(clone);
  expect(first).toEqual({ tag, commit: await at(clone, ledgerRef(tag)), at: '2025-11-25T00:00:00.000Z' });
  expect(await listSessions(await newRepo())).toEqual([]);
});

it('addResultsRow puts a row where regeneration would', () => {
  const records = [5, 1, 12, 3, 100].map((n) => newRecord(n, { hypothesis: `${n}\t\n"x"` }));
  let table: string | undefined;
  for (const record of records) table = addResultsRow(table, record);
  expect(table).toBe(resultsTsv(records.toSorted((a, b) => a.experiment - b.experiment)));
});
