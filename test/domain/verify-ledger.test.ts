// A night that the real functions wrote, and then its ledger made wrong in each way that `verify` claims to see.
import { describe, expect, it } from 'vitest';
import { experimentPath, serialize } from '../../src/domain/ledger.ts';
import { resultsTsv } from '../../src/domain/results-tsv.ts';
import { candidateRef, keptRef, ledgerRef } from '../../src/domain/names.ts';
import { verify } from '../../src/domain/verify.ts';
import { appendEvent } from '../../src/git/event.ts';
import { git } from '../../src/git/git.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { BASELINE, END, newNight, OPENING, problemsIn, tamper } from '../git/night.ts';
import { newRecord, openEvent } from '../git/sandbox.ts';

it.each([
  [[3], 'experiment 3'],
  [[2, 3], 'each of experiments 2 to 3'],
])('names numbers without a record: %j', async (skip, missing) => {
  const { clone } = await newNight({ skip });
  expect(await problemsIn(clone)).toEqual([`Expected ${missing} to have a record, as experiment 4 has, got none.`]);
});

/** What is said of a night whose experiments 2 and 3 have no record, and some have a candidate. */
const seen = async (parallel: number, tried: readonly number[]) => {
  const { clone, tag, tip } = await newNight({ skip: [2, 3], ended: false, parallel });
  for (const n of tried) await git(clone, ['update-ref', candidateRef(tag, n), tip]);
  const { findings, inFlight } = verify(await readFacts(clone, tag));
  return { findings: findings.map(({ problem }) => problem), inFlight };
};

it('takes a number without a record for one that a lane tries, while there are lanes and it has a candidate', async () => {
  expect(await seen(3, [2, 3, 7])).toEqual({ findings: [], inFlight: [2, 3, 7] });
  const missing = 'Expected experiment 3 to have a record, as experiment 4 has, got none.';
  expect(await seen(3, [2, 7])).toEqual({ findings: [missing], inFlight: [2, 7] });
  const both = 'Expected each of experiments 2 to 3 to have a record, as experiment 4 has, got none.';
  expect(await seen(1, [2, 3])).toEqual({ findings: [both], inFlight: [] });
  expect((await seen(2, [2, 3, 7, 8, 9])).findings).toEqual([
    expect.stringMatching(/^Expected at most 4 experiments of night to be in flight, .* of experiments 2, 3, 7, 8, 9:/),
  ]);
});

const chained = (path: string, deed: string) =>
  expect.stringMatching(
    new RegExp(`^Expected ${path} to stay as it was written, but [0-9a-f]{40} in the ledger's chain ${deed} it`),
  );

type Night = Awaited<ReturnType<typeof newNight>>;

describe('what was done to the ledger is named', () => {
  const cases: [string, (night: Night) => Promise<unknown>, unknown[]][] = [
    [
      'a record that was changed',
      async ({ clone }) => {
        const text = await git(clone, ['show', `${ledgerRef('night')}:${experimentPath(3)}`]);
        await tamper(clone, 'night', { [experimentPath(3)]: text.replace('no better', 'better') });
      },
      [chained(experimentPath(3), 'changed')],
    ],
    [
      'a record that was removed',
      ({ clone }) => tamper(clone, 'night', { [experimentPath(3)]: null }),
      [
        'Expected experiment 3 to have a record, as experiment 4 has, got none.',
        expect.stringMatching(/^Expected line 4 of results\.tsv to be "4\\t/),
        chained(experimentPath(3), 'removed'),
      ],
    ],
    [
      'a record that was removed and brought back as another',
      async ({ clone }) => {
        const text = await git(clone, ['show', `${ledgerRef('night')}:${experimentPath(3)}`]);
        await tamper(clone, 'night', { [experimentPath(3)]: null });
        await tamper(clone, 'night', { [experimentPath(3)]: text.replace('no better', 'better') });
      },
      [
        chained(experimentPath(3), 'removed'),
        `Expected nothing to be written after the session's end, got ${experimentPath(3)}.`,
      ],
    ],
    [
      'a record after the end',
      ({ clone }) => closeExperiment({ clone, tag: 'night', record: newRecord(7) }),
      [`Expected nothing to be written after the session's end, got ${experimentPath(7)}.`],
    ],
    [
      'an event that was changed',
      async ({ clone }) => {
        const text = await git(clone, ['show', `${ledgerRef('night')}:events/1-baseline.json`]);
        await tamper(clone, 'night', { 'events/1-baseline.json': `${text}\n\n` });
      },
      [chained('events/1-baseline.json', 'changed')],
    ],
    [
      'a table that says something else',
      ({ clone }) => tamper(clone, 'night', { 'results.tsv': `${resultsTsv([newRecord(1)])}9\n` }),
      [expect.stringMatching(/^Expected line 2 of results\.tsv to be "1\\t.*, as the records have it, got "1\\t/)],
    ],
    [
      'a table with a row too many',
      async ({ clone }) => {
        const text = await git(clone, ['show', `${ledgerRef('night')}:results.tsv`]);
        await tamper(clone, 'night', { 'results.tsv': `${text}\n7\tx\n` });
      },
      [expect.stringMatching(/^Expected line 8 of results\.tsv to be "", as the records have it, got "7\\tx"/)],
    ],
    [
      'a table that is gone',
      ({ clone }) => tamper(clone, 'night', { 'results.tsv': null }),
      ['Expected results.tsv to be there, got nothing.'],
    ],
    [
      'an event that is missing',
      ({ clone }) => tamper(clone, 'night', { 'events/1-baseline.json': null }),
      ['Expected event 1 to be there, as event 2 is, got nothing.', chained('events/1-baseline.json', 'removed')],
    ],
    [
      'no opening',
      ({ clone }) => tamper(clone, 'night', { [OPENING]: null }),
      ['Expected event 0 to be there, as event 1 is, got nothing.', chained(OPENING, 'removed')],
    ],
    [
      'something else in the place of the opening',
      ({ clone }) => tamper(clone, 'night', { [OPENING]: null, 'events/0-baseline.json': serialize(BASELINE) }),
      [
        `Expected the ledger to begin with ${OPENING}, got events/0-baseline.json.`,
        chained(OPENING, 'removed'),
        expect.stringContaining("after the session's end"),
      ],
    ],
    [
      'a second opening and a second end',
      async ({ clone, base }) => {
        await tamper(clone, 'night', {
          'events/3-open.json': serialize(openEvent(base)),
          'events/4-end.json': serialize(END),
        });
      },
      [
        `Expected ${OPENING} to be the one opening, got another in events/3-open.json.`,
        'Expected at most one end, got events/2-end.json and events/4-end.json.',
        "Expected nothing to be written after the session's end, got events/3-open.json, events/4-end.json.",
      ],
    ],
  ];
  it.each(cases)('%s', async (_what, harm, expected) => {
    const night = await newNight();
    await harm(night);
    expect(await problemsIn(night.clone)).toEqual(expected);
  });

  it('a second chain joined to it', async () => {
    const { clone, base } = await newNight();
    const commit = await tamper(clone, 'night', {}, [ledgerRef('night'), base]);
    expect(await problemsIn(clone)).toContain(
      `Expected ${ledgerRef('night')} to be one chain, got ${commit} with 2 parents.`,
    );
  });

  it("another session's ledger in its place, and a ledger begun anew", async () => {
    const { clone, base } = await newNight({ ended: false });
    await appendEvent({ clone, tag: 'other', index: 0, event: openEvent(base, 'other') });
    await git(clone, ['update-ref', ledgerRef('night'), ledgerRef('other')]);
    expect(await problemsIn(clone)).toContain(`Expected ${OPENING} to open night, got the opening of "other".`);
    await tamper(clone, 'night', { [experimentPath(1)]: serialize(newRecord(1)) }, []);
    await tamper(clone, 'night', { [OPENING]: serialize(openEvent(base)) });
    expect(await problemsIn(clone)).toContainEqual(
      expect.stringMatching(
        /^Expected the ledger's first commit to bring events\/0-open\.json, got [0-9a-f]{40} without it/,
      ),
    );
    await tamper(clone, 'night', {}, []);
    expect(await problemsIn(clone)).toContain(`Expected ${OPENING} to be there, got no event at all.`);
  });

  it('a ledger that lost its ref, or its end', async () => {
    const { clone } = await newNight();
    await git(clone, ['update-ref', ledgerRef('night'), `${ledgerRef('night')}~2`]); // 6 and the end
    await appendEvent({ clone, tag: 'night', index: 2, event: END });
    expect(await problemsIn(clone)).toEqual([
      `Expected experiment 6 to have a record, because the session has ended, got ${candidateRef('night', 6)} alone.`,
    ]);
    expect(verify(await readFacts(clone, 'night')).inFlight).toEqual([]);
    await git(clone, ['update-ref', '-d', ledgerRef('night')]);
    expect(await problemsIn(clone)).toEqual([
      `Expected ${ledgerRef('night')} to be there, as refs of its candidates are, got nothing.`,
    ]);
  });
});

it('does not miss the record of what was made ahead of a baseline that never came: who goes on begins with it', async () => {
  const { clone, base } = await newNight();
  const opening = await git(clone, ['rev-list', '--max-parents=0', ledgerRef('night')]);
  await git(clone, ['update-ref', ledgerRef('night'), opening]);
  await git(clone, ['update-ref', keptRef('night'), base]);
  for (const experiment of [2, 3, 4, 5, 6]) await git(clone, ['update-ref', '-d', candidateRef('night', experiment)]);
  await appendEvent({ clone, tag: 'night', index: 1, event: END });
  expect(verify(await readFacts(clone, 'night'))).toMatchObject({ findings: [], ended: true, inFlight: [1] });
});
