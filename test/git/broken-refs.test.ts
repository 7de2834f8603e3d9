import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { candidateRef, ledgerRef } from '../../src/domain/names.ts';
import { BrokenRef, brokenRefs } from '../../src/git/broken-refs.ts';
import { appendEvent } from '../../src/git/event.ts';
import { sessionsAtHome } from '../../src/git/find-sessions.ts';
import { git } from '../../src/git/git.ts';
import { openHomeClone } from '../../src/git/home-clone.ts';
import { listSessions, readLedger } from '../../src/git/ledger.ts';
import { pushRefs } from '../../src/git/push.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { createLedgers, ledgersHere } from '../../src/ledgers.ts';
import { END, newNight, problemsIn } from './night.ts';
import { newCandidate, newFolder, newRecord, openEvent } from './sandbox.ts';

const LOST = '1'.repeat(40);

/** What a crash of the machine, or a disk, leaves of a ref. */
const HARMS = [
  ['names a commit that is lost', `${LOST}\n`, `${LOST}, which git does not have`],
  ['is cut short', LOST.slice(0, 20), 'something that git cannot read'],
  ['is empty', '', 'something that git cannot read'],
] as const;

describe.each(HARMS)('a ledger ref that %s', (_how, bytes, found) => {
  const harmed = async () => {
    const night = await newNight({ ended: false });
    const { clone, base, origin } = night;
    // The origin has the session as it was.
    await git(origin, ['fetch', '--quiet', clone, 'refs/autoresearch/night/*:refs/autoresearch/night/*']);
    await appendEvent({ clone, tag: 'other', index: 0, event: openEvent(base, 'other') });
    await writeFile(join(clone, ledgerRef('night')), bytes);
    return night;
  };

  it('keeps nobody from the other sessions, and is shown as what it is', async () => {
    const { clone, repos } = await harmed();
    expect((await listSessions(clone)).map(({ tag, commit }) => [tag, commit === null])).toEqual([
      ['other', false],
      ['night', true],
    ]);
    const shelf = await ledgersHere({ repos });
    expect(shelf.found.map(({ open }) => open.tag)).toEqual(['other']);
    expect(shelf.damaged.map(({ tag, error }) => [tag, error.name])).toEqual([['night', 'BrokenRef']]);
    expect((await readLedger(clone, 'other'))?.events).toHaveLength(1);
  });

  it('is what `verify` finds, at home and nowhere else', async () => {
    const { clone, repos } = await harmed();
    const { sessions } = await sessionsAtHome(repos);
    expect(sessions.map(({ tag }) => tag).toSorted()).toEqual(['night', 'other']);
    expect(await problemsIn(clone)).toEqual([`Expected ${ledgerRef('night')} to name a commit, got ${found}.`]);
  });

  it('stops every verb with the ref and what to do, which mends it', async () => {
    const { clone, origin } = await harmed();
    await git(clone, ['config', 'autoresearch.origin', origin]);
    const event = { clone, tag: 'night', index: 2, event: END };
    const error = await appendEvent(event).catch((thrown: unknown) => thrown);
    if (!(error instanceof BrokenRef)) throw error;
    expect(error.message).toContain(
      `Expected ${ledgerRef('night')} in ${clone} to name a commit, got ${found}. Remove`,
    );
    await expect(closeExperiment({ clone, tag: 'night', record: newRecord(7) })).rejects.toThrow(error.message);
    for (const [, command = ''] of error.message.matchAll(/`([^`]+)`/g))
      execFileSync('sh', ['-c', command], { stdio: 'pipe' });
    expect(await brokenRefs(clone)).toEqual([]);
  });
});

it('a ledger whose ref is broken at home is not looked for in the repo around', async () => {
  const { clone, origin, repos } = await newNight();
  await git(origin, ['fetch', '--quiet', clone, 'refs/autoresearch/night/*:refs/autoresearch/night/*']);
  await writeFile(join(clone, ledgerRef('night')), '');
  process.env['AUTORESEARCH_HOME'] = dirname(repos);
  try {
    await expect(createLedgers(origin).find('night')).rejects.toThrow(BrokenRef);
  } finally {
    delete process.env['AUTORESEARCH_HOME'];
  }
});

it('a repo with a broken ref of one session takes no new session before that is mended, and says so', async () => {
  const { origin, repos } = { ...(await newNight()), repos: join(await newFolder(), 'repos') };
  const clone = await openHomeClone({ repos, origin });
  const base = await git(origin, ['rev-parse', 'HEAD']);
  await appendEvent({ clone, tag: 'night', index: 0, event: openEvent(base) });
  await pushRefs({ clone, origin, tag: 'night', what: 'all', timeoutSeconds: 30 });
  await writeFile(join(clone, ledgerRef('night')), '12');
  await git(origin, ['commit', '--quiet', '--allow-empty', '-m', 'more']);
  const error = await openHomeClone({ repos, origin }).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain(`Remove it: \`rm ${join(clone, ledgerRef('night'))}\``);
  await rm(join(clone, ledgerRef('night')));
  await openHomeClone({ repos, origin });
  expect((await readLedger(clone, 'night'))?.events).toHaveLength(1);
});

it('a broken ref of a candidate is named by the verb that has to write it', async () => {
  const { clone, base, tag } = await newNight({ ended: false });
  const candidate = await newCandidate(clone, base, '0.5');
  await writeFile(join(clone, candidateRef(tag, 7)), '12');
  const closing = closeExperiment({ clone, tag, record: newRecord(7, { candidate }) });
  await expect(closing).rejects.toThrow(`Expected ${candidateRef(tag, 7)} in ${clone} to name a commit`);
});
