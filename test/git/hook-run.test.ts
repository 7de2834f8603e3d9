import { expect, it } from 'vitest';
import { hookPath, type HookRun } from '../../src/domain/hook.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { ledgerRef } from '../../src/domain/names.ts';
import { appendEvent } from '../../src/git/event.ts';
import { git } from '../../src/git/git.ts';
import { appendHookRun } from '../../src/git/hook-run.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { allRefs, newSession } from './sandbox.ts';

const AT = '2025-11-23T20:01:00.000Z';
const RUN: HookRun = {
  version: 1,
  stage: 'before',
  experiment: 1,
  told: 1,
  at: AT,
  exitCode: 0,
  timedOut: false,
  seconds: 0.1,
  stdoutBytes: 3,
  note: 'hm\n',
};
const END: LedgerEvent = { version: 1, kind: 'end', at: AT, status: 'done', reason: 'budget' };
const CONTINUED: LedgerEvent = { version: 1, kind: 'continued', at: AT, input: {} };

it('writes each run once: the first that is written holds', async () => {
  const { clone, tag, opened } = await newSession();
  await appendHookRun({ clone, tag, run: RUN });
  const refs = await allRefs(clone);
  await appendHookRun({ clone, tag, run: { ...RUN, note: 'again\n' } });
  expect(await allRefs(clone)).toBe(refs);
  await appendHookRun({ clone, tag, run: { ...RUN, stage: 'after' } });
  expect((await readLedger(clone, tag))?.hooks).toEqual([{ ...RUN, stage: 'after' }, RUN]);
  expect(await git(clone, ['diff', '--name-only', opened, ledgerRef(tag)])).toBe(
    [hookPath({ ...RUN, stage: 'after' }), hookPath(RUN)].join('\n'),
  );
});

it('writes nothing after an end, and goes on where the session was continued', async () => {
  const { clone, tag } = await newSession();
  await appendEvent({ clone, tag, index: 1, event: END });
  await appendHookRun({ clone, tag, run: RUN });
  expect((await readLedger(clone, tag))?.hooks).toBeUndefined();
  await appendEvent({ clone, tag, index: 2, event: CONTINUED });
  await appendHookRun({ clone, tag, run: RUN });
  expect((await readLedger(clone, tag))?.hooks).toEqual([RUN]);
});

it('names a ledger that is lost', async () => {
  const { clone } = await newSession();
  await expect(appendHookRun({ clone, tag: 'nowhere', run: RUN })).rejects.toThrow('refs/autoresearch/nowhere/ledger');
});
