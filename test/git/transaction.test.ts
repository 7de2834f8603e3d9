import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/domain/experiment.ts';
import { resultsTsv } from '../../src/domain/results-tsv.ts';
import { candidateRef, keptRef, ledgerRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { readFiles } from '../../src/git/tree.ts';
import { allRefs, at, commitFiles, newCandidate, newRecord, newSession } from './sandbox.ts';

async function newKeep() {
  const session = await newSession();
  const { clone, tag, base } = session;
  const candidate = await newCandidate(clone, base, '0.002');
  const record = newRecord(1, { verdict: 'keep', candidate, base, gain: 0.1 });
  return { ...session, candidate, input: { clone, tag, record, keep: { expectedTip: base, newTip: candidate } } };
}

describe('closeExperiment', () => {
  it('moves candidate, ledger and kept line on a keep', async () => {
    const { clone, tag, candidate, input, base } = await newKeep();
    const closing = await closeExperiment(input);
    expect(closing).toEqual({ kind: 'closed', ledger: await at(clone, ledgerRef(tag)), kept: candidate });
    expect(await at(clone, keptRef(tag))).toBe(candidate);
    expect(await at(clone, candidateRef(tag, 1))).toBe(candidate);
    expect((await readLedger(clone, tag))?.experiments).toEqual([input.record]);
    const log = await git(clone, ['log', '-1', '--format=%s|%an|%ae|%cI|%aI', ledgerRef(tag)]);
    expect(log).toBe(
      'experiment 1: keep · idea 1|autoresearch|autoresearch@localhost|2025-11-23T20:01:00+00:00|2025-11-23T20:01:00+00:00',
    );
    expect(await git(clone, ['rev-parse', `${candidate}^`])).toBe(base);
  });

  it('leaves the kept line alone for every other verdict, and needs no candidate', async () => {
    const { clone, tag, base } = await newSession();
    const verdicts: Verdict[] = ['discard', 'crash', 'quarantine', 'undecided', 'failed', 'dropped'];
    for (const [index, verdict] of verdicts.entries()) {
      await closeExperiment({ clone, tag, record: newRecord(index + 1, { verdict }) });
    }
    expect(await at(clone, keptRef(tag))).toBe(base);
    expect((await readLedger(clone, tag))?.experiments.map((record) => record.verdict)).toEqual(verdicts);
    expect(await at(clone, candidateRef(tag, 1))).toBeUndefined();
  });

  it('changes nothing and answers the same when it runs twice, also after the session went on', async () => {
    const { clone, tag, candidate, input } = await newKeep();
    const first = await closeExperiment(input);
    const refs = await allRefs(clone);
    expect(await closeExperiment(input)).toEqual(first);
    expect(await allRefs(clone)).toBe(refs);
    const next = await newCandidate(clone, candidate, '0.003');
    const keep = { expectedTip: candidate, newTip: next };
    await closeExperiment({ clone, tag, record: newRecord(2, { verdict: 'keep', candidate: next }), keep });
    const later = await allRefs(clone);
    expect(await closeExperiment(input)).toEqual(first);
    expect(await allRefs(clone)).toBe(later);
  });

  it('ends the same wherever a first run died', async () => {
    const { clone, tag, input } = await newKeep();
    const before = await allRefs(clone);
    const first = await closeExperiment(input);
    const done = await allRefs(clone);
    const moved = [candidateRef(tag, 1), ledgerRef(tag), keptRef(tag)];
    // Every mix of refs that moved and refs that did not, which a kill between git's renames may leave.
    for (let mix = 0; mix < 2 ** moved.length; mix++) {
      for (const [index, ref] of moved.entries()) {
        const old = before
          .split('\n')
          .find((line) => line.startsWith(`${ref} `))
          ?.split(' ')[1];
        if ((mix >> index) % 2 === 1) continue;
        await git(clone, old === undefined ? ['update-ref', '-d', ref] : ['update-ref', ref, old]);
      }
      expect(await closeExperiment(input)).toEqual(first);
      expect(await allRefs(clone)).toBe(done);
    }
  });

  it('answers the record that stands when a second says something else, and refuses a candidate that is another', async () => {
    const { clone, tag, input, base } = await newKeep();
    await closeExperiment(input);
    const refs = await allRefs(clone);
    const other = { ...input, record: { ...input.record, value: 1 } };
    expect(await closeExperiment(other)).toEqual({ kind: 'recorded', record: input.record });
    await git(clone, ['update-ref', candidateRef(tag, 2), base]);
    const candidate = await newCandidate(clone, base, '0.5');
    await expect(closeExperiment({ clone, tag, record: newRecord(2, { candidate }) })).rejects.toThrow(
      /refs\/autoresearch/,
    );
    await git(clone, ['update-ref', '-d', candidateRef(tag, 2)]);
    expect(await allRefs(clone)).toBe(refs);
  });

  it('answers `moved` and writes nothing when someone else moved the kept line', async () => {
    const { clone, tag, input, base, origin } = await newKeep();
    const found = await newCandidate(clone, base, '0.9');
    await git(clone, ['update-ref', keptRef(tag), found]);
    const refs = await allRefs(clone);
    expect(await closeExperiment(input)).toEqual({ kind: 'moved', expected: base, found });
    expect(await allRefs(clone)).toBe(refs);
    expect(await commitFiles(origin, { x: '' })).toMatch(/^[0-9a-f]{40}$/);
  });

  it('asks for a session that was opened, and for `keep` exactly on a keep', async () => {
    const { clone, input } = await newKeep();
    await expect(closeExperiment({ ...input, tag: 'other' })).rejects.toThrow(
      /Expected refs\/autoresearch\/other\/ledger in .* got nothing\. Bring what the origin has/,
    );
    await expect(closeExperiment({ clone, tag: 'night', record: newRecord(1), keep: input.keep })).rejects.toThrow(
      /keep/,
    );
    await expect(closeExperiment({ clone, tag: 'night', record: input.record })).rejects.toThrow(/keep/);
  });

  it('takes many callers at once, one after the other', async () => {
    const { clone, tag, base } = await newSession();
    const numbers = [3, 1, 4, 2, 5, 12, 9];
    const twice = [...numbers, ...numbers];
    await Promise.all(twice.map((n) => closeExperiment({ clone, tag, record: newRecord(n, { candidate: base }) })));
    const ledger = await readLedger(clone, tag);
    expect(ledger?.experiments.map((record) => record.experiment)).toEqual(numbers.toSorted((a, b) => a - b));
    expect(await git(clone, ['rev-list', '--count', ledgerRef(tag)])).toBe(String(1 + numbers.length));
  });

  it('gets past the locks that a dead git left behind', async () => {
    const { clone, tag, input, candidate } = await newKeep();
    const names = ['packed-refs.lock', 'index.lock', 'HEAD.lock', `${keptRef(tag)}.lock`, `${ledgerRef(tag)}.lock`];
    for (const name of names) await writeFile(join(clone, name), '');
    await expect(git(clone, ['update-ref', keptRef(tag), candidate])).rejects.toThrow(/lock/);
    expect((await closeExperiment(input)).kind).toBe('closed');
  });

  it('keeps results.tsv equal to one made from all records, in whatever order they end', async () => {
    const hypothesis = fc.string({ unit: 'grapheme', maxLength: 40 });
    const orders = fc.uniqueArray(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(orders, hypothesis, async (numbers, words) => {
        const { clone, tag } = await newSession();
        const records = numbers.map((n) => newRecord(n, { hypothesis: words, value: n % 2 === 0 ? null : n / 3 }));
        for (const record of records) await closeExperiment({ clone, tag, record });
        const ledger = await readLedger(clone, tag);
        const files = await readFiles(clone, ledgerRef(tag), ['results.tsv']);
        expect(files['results.tsv']).toBe(resultsTsv(ledger?.experiments ?? []));
        expect(ledger?.experiments).toEqual(records.toSorted((a, b) => a.experiment - b.experiment));
      }),
      { numRuns: 6 },
    );
  });
});
