import { describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { keptRef, ledgerRef } from '../../src/domain/names.ts';
import { appendEvent } from '../../src/git/event.ts';
import { git } from '../../src/git/git.ts';
import { openHomeClone } from '../../src/git/home-clone.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { join } from 'node:path';
import { allRefs, at, newRecord, newSession, openEvent } from './sandbox.ts';

const END: LedgerEvent = { version: 1, kind: 'end', at: '2025-11-24T06:00:00.000Z', status: 'done', reason: 'budget' };

describe('appendEvent', () => {
  it('opens a session: ledger and kept line at the base', async () => {
    const { clone, tag, base, opened } = await newSession();
    expect(await at(clone, keptRef(tag))).toBe(base);
    expect(await at(clone, ledgerRef(tag))).toBe(opened);
    expect(await readLedger(clone, tag)).toEqual({ experiments: [], events: [openEvent(base)] });
  });

  it('opens once: a second run finds its own, also when the session went on or the first run died half-way', async () => {
    const { clone, tag, base, opened } = await newSession();
    const again = () => appendEvent({ clone, tag, index: 0, event: openEvent(base) });
    expect(await again()).toEqual({ kind: 'appended', ledger: opened });
    await git(clone, ['update-ref', '-d', keptRef(tag)]);
    expect(await again()).toEqual({ kind: 'appended', ledger: opened });
    expect(await at(clone, keptRef(tag))).toBe(base);
    await closeExperiment({ clone, tag, record: newRecord(1) });
    const refs = await allRefs(clone);
    expect(await again()).toEqual({ kind: 'appended', ledger: opened });
    expect(await allRefs(clone)).toBe(refs);
  });

  it("answers `taken` when the tag is another session's, here or at the origin, and writes nothing", async () => {
    const { clone, tag, base, origin } = await newSession();
    const other = openEvent(base, 'other');
    const refs = await allRefs(clone);
    expect(await appendEvent({ clone, tag, index: 0, event: other })).toEqual({ kind: 'taken', ref: ledgerRef(tag) });
    expect(await allRefs(clone)).toBe(refs);
    await git(clone, ['update-ref', keptRef('mine'), base]);
    const mine = await appendEvent({ clone, tag: 'mine', index: 0, event: openEvent(base, 'mine') });
    expect(mine).toEqual({ kind: 'taken', ref: keptRef('mine') });
    await git(origin, ['branch', 'autoresearch/theirs']);
    await openHomeClone({ repos: join(clone, '..'), origin });
    const theirs = await appendEvent({ clone, tag: 'theirs', index: 0, event: openEvent(base, 'theirs') });
    expect(theirs).toEqual({ kind: 'taken', ref: 'refs/remotes/origin/autoresearch/theirs' });
  });

  it('lets one of two sessions that want the same tag at once have it', async () => {
    const { clone, base } = await newSession();
    const wants = ['one', 'two'].map((session) => ({ ...openEvent(base, 'new'), session }));
    const kinds = await Promise.all(
      wants.map(async (event) => (await appendEvent({ clone, tag: 'new', index: 0, event })).kind),
    );
    expect(kinds.toSorted()).toEqual(['appended', 'taken']);
  });

  it('appends the other events in their order, each once', async () => {
    const { clone, tag, base } = await newSession();
    const baseline: LedgerEvent = {
      version: 1,
      kind: 'baseline',
      at: '2025-11-23T20:05:00.000Z',
      commit: base,
      trials: [],
    };
    const first = await appendEvent({ clone, tag, index: 1, event: baseline });
    await appendEvent({ clone, tag, index: 2, event: END });
    const refs = await allRefs(clone);
    expect(await appendEvent({ clone, tag, index: 1, event: baseline })).toEqual(first);
    expect(await allRefs(clone)).toBe(refs);
    expect((await readLedger(clone, tag))?.events).toEqual([openEvent(base), baseline, END]);
    const other = { ...baseline, at: '2025-11-23T20:06:00.000Z' };
    for (const event of [other, END])
      expect(await appendEvent({ clone, tag, index: 1, event })).toEqual({ kind: 'standing', event: baseline });
    expect(await allRefs(clone)).toBe(refs);
  });

  it('asks for an opening first', async () => {
    const { clone, base } = await newSession();
    await expect(appendEvent({ clone, tag: 'no', index: 1, event: END })).rejects.toThrow(
      /Expected refs\/autoresearch\/no\/ledger in .* got nothing\. Bring what the origin has/,
    );
    await expect(appendEvent({ clone, tag: 'no', index: 1, event: openEvent(base) })).rejects.toThrow(/event 0/);
  });
});
