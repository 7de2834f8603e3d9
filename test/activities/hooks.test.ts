// The hooks of a task on a real repo: when they run, what of them is told to a proposer, what stays in the ledger.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { createPropose } from '../../activities/propose.ts';
import type { EndedExperiment, ProposeInput } from '../../activities/contract.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { candidateRef } from '../../src/domain/names.ts';
import { verify } from '../../src/domain/verify.ts';
import { git } from '../../src/git/git.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { modelsIn } from '../../src/models.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { allowCommand } from '../../src/services/allowed.ts';
import { listProcesses } from '../../src/trainer/process-table.ts';
import { newFolder, newRecord, type Files } from '../git/sandbox.ts';
import { newTrial } from '../domain/trials.ts';
import { until } from '../support/until.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const readCode = createReadCode(() => {});
/** An agent whose every edit is another. */
const AGENT = `sed -i "s/^LEARNING_RATE = .*/LEARNING_RATE = 0.$(date +%N)/" train.py`;

/** A session with these hooks; `seen` is where they may leave a mark: every run of one adds a line. */
async function session(hooks: Readonly<Record<string, string>>, more: Files = {}) {
  const env = { PATH: process.env['PATH'], HOME: await newFolder() };
  const files = {
    'autoresearch.yaml': `${taskFile('echo METRIC loss=1')}hooks: ${JSON.stringify(hooks)}\n`,
    'program.md': 'Be bold.\n',
    ...more,
  };
  const workshop = await createWorkshop(files, readCode, env);
  await allowCommand(workshop.state, AGENT);
  const contract = await workshop.open({ session: 'night', input: { proposer: 'command', command: AGENT }, at: AT });
  const { clone, state } = workshop;
  const event: LedgerEvent = { version: 1, kind: 'baseline', at: AT, commit: contract.base, trials: [newTrial()] };
  await workshop.record({ contract, index: 1, event });
  const request = {
    contract,
    base: contract.base,
    proposer: 'command',
    rebase: false,
    at: AT,
    command: AGENT,
  } as const;
  const inputOf = (experiment: number): ProposeInput => ({ ...request, experiment, hints: [], choice: {} });
  const ask = (experiment: number) => workshop.propose(inputOf(experiment));
  const discard = async (experiment: number): Promise<void> => {
    const candidate = await git(clone, ['rev-parse', candidateRef('night', experiment)]);
    const { version: _v, edit: _e, tree: _t, proposer: _p, ...record } = newRecord(experiment);
    const ended: EndedExperiment = {
      contract,
      record: { ...record, base: contract.base, candidate, trials: [newTrial()] },
    };
    await workshop.revert(ended);
  };
  const end = () =>
    workshop.record({
      contract,
      index: 2,
      event: { version: 1, kind: 'end', at: AT, status: 'done', reason: 'budget' },
    });
  const ran = async () =>
    ((await readLedger(clone, 'night'))?.hooks ?? []).map(({ stage, experiment, told, note }) => [
      stage,
      experiment,
      told,
      note,
    ]);
  const promptOf = (experiment: number): string =>
    readFileSync(join(state.proposals, 'night', String(experiment), contract.base.slice(0, 12), 'prompt.md'), 'utf8');
  const marker = `AUTORESEARCH_STEP=hook in ${join(state.proposals, 'night/hooks/tree')}`;
  const running = () => listProcesses().filter((one) => one.carries([marker]));
  return { ...workshop, running, env, contract, inputOf, ask, discard, end, ran, promptOf };
}

it('runs them around experiments, tells the next proposer what they print, and leaves them in the ledger', async () => {
  const { ask, discard, end, ran, promptOf, clone } = await session({
    before: `python3 -c 'import json, sys; print("next is", json.load(sys.stdin)["next_run"])'; cat program.md`,
    after: `python3 -c 'import json, sys; print("ended", json.load(sys.stdin)["run_entry"]["status"])'`,
  });
  expect(await ask(1)).toMatchObject({ kind: 'proposal' });
  expect(promptOf(1)).toContain('<data hook="before experiment 1">\nnext is 2\nBe bold.\n</data>');
  await discard(1);
  expect(await ask(2)).toMatchObject({ kind: 'proposal' });
  expect(promptOf(2)).toContain('<data hook="after experiment 1">\nended discard\n</data>');
  expect(promptOf(2)).toContain('next is 3');
  expect(promptOf(2)).not.toContain('next is 2');
  await discard(2);
  await end();
  await end();
  expect(await ran()).toEqual([
    ['after', 1, 2, 'ended discard\n'],
    ['before', 1, 1, 'next is 2\nBe bold.\n'],
    ['after', 2, undefined, 'ended discard\n'],
    ['before', 2, 2, 'next is 3\nBe bold.\n'],
  ]);
  expect(verify(await readFacts(clone, 'night')).findings).toEqual([]);
});

it('runs none twice: asked again, with or without its candidate, the same is told and nothing runs', async () => {
  const { ask, ran, promptOf, clone, state } = await session({ before: 'date +%N' });
  const first = await ask(1);
  const note = await ran();
  expect(await ask(1)).toEqual(first);
  await git(clone, ['update-ref', '-d', candidateRef('night', 1)]);
  rmSync(join(state.proposals, 'night', '1'), { recursive: true });
  await ask(1);
  expect(await ran()).toEqual(note);
  expect(promptOf(1)).toContain(String(note[0]?.[3]).trim());
});

it('one that fails or floods neither holds the session up nor is believed whole', async () => {
  const { ask, promptOf, clone } = await session({ before: 'yes note | head -c 1000000; exit 1' });
  expect(await ask(1)).toMatchObject({ kind: 'proposal' });
  expect(promptOf(1)).toContain('<data hook="before experiment 1">\n(It exited with code 1.)\nnote\n');
  expect(promptOf(1).length).toBeLessThan(15_000);
  expect((await readLedger(clone, 'night'))?.hooks).toMatchObject([{ exitCode: 1, stdoutBytes: 1_000_000 }]);
});

it('ended with its worker, a hook runs again: the ledger has it once', async () => {
  const { inputOf, ask, ran, running, state, env } = await session({
    before: 'echo half; [ -z "$LANG" ] || sleep 600; echo at last',
  });
  const worker = new MockActivityEnvironment();
  const models = modelsIn(state, { ...env, LANG: 'C' });
  const deps = { repos: state.repos, publish: async () => {}, readCode, models };
  const lost = worker.run(createPropose(deps), inputOf(1)).catch((error: unknown) => error);
  await until(() => running().length > 0);
  worker.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
  expect(await lost).toMatchObject({ name: 'CancelledFailure' });
  expect(running()).toEqual([]);
  expect(await ran()).toEqual([]);
  expect(await ask(1)).toMatchObject({ kind: 'proposal' });
  expect(await ran()).toEqual([['before', 1, 1, 'half\nat last\n']]);
});

it('asked by two workers at once, it runs once', async () => {
  const { ask, clone, running } = await session({ before: 'sleep 1; echo whole' });
  const first = ask(1);
  await until(() => running().length > 0);
  await Promise.allSettled([first, ask(1)]);
  expect(await ask(1)).toMatchObject({ kind: 'proposal' });
  // A second start would have killed the first.
  expect((await readLedger(clone, 'night'))?.hooks).toMatchObject([{ exitCode: 0, note: 'whole\n' }]);
});

it('what a person wrote is proposed by nobody: no hook runs before it', async () => {
  const { propose, inputOf, ran } = await session({ before: 'echo hm' });
  const patch = {
    id: 'p',
    hypothesis: 'mine',
    edit: [{ op: 'set', file: 'train.py', name: 'MOMENTUM', value: '0.6' }],
  } as const;
  expect(await propose({ ...inputOf(1), patch })).toMatchObject({
    kind: 'proposal',
    hypothesis: 'MOMENTUM 0.5 -> 0.6',
  });
  expect(await ran()).toEqual([]);
});

it('nothing is written after the session’s end', async () => {
  const { ask, end, ran } = await session({ before: 'echo hm' });
  await end();
  expect(await ask(1)).toMatchObject({ kind: 'ended' });
  expect(await ran()).toEqual([]);
});

it('one in the place of pi-autoresearch’s finds the log of its program beside it, as it stands', async () => {
  const { ask, discard, promptOf } = await session(
    { before: '.auto/hooks/before.sh' },
    {
      '.auto/hooks/before.sh': { exec: '#!/bin/sh\nwc -l < .auto/log.jsonl\ntail -n 1 .auto/log.jsonl\n' },
      '.auto/log.jsonl': '{"type":"config","name":"of another night"}\n'.repeat(9),
    },
  );
  await ask(1);
  expect(promptOf(1)).toMatch(/^2\n\{"run":1,.*"status":"keep","description":"baseline"/m);
  await discard(1);
  await ask(2);
  expect(promptOf(2)).toMatch(/^4\n\{"run":2,.*"status":"discard"/m);
});
