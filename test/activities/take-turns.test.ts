// The proposer `hybrid` on a real repo, with a Messages API on loopback that goes down and comes back.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { Contract } from '../../activities/contract.ts';
import { git } from '../../src/git/git.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { readCandidate } from '../../src/git/candidate.ts';
import { trialOf } from '../domain/trials.ts';
import { recordOf } from '../proposer/records.ts';
import { startMessagesApi, type MessagesApi, type Reply } from '../support/messages-api.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

let api: MessagesApi | undefined;
afterEach(() => api?.close());

const IDEA = {
  propose: {
    hypothesis: 'a faster start',
    kind: 'schedule',
    expected_gain: 0.2,
    edits: [{ file: 'train.py', search: 'LEARNING_RATE = 0.1', replace: 'LEARNING_RATE = 0.31' }],
  },
};
const DOWN: Reply = { status: 529, message: 'overloaded' };

/** What the API says from now on, whatever it was told to answer. */
let later: Reply | undefined;
const replyWith = (reply: Reply): void => void (later = reply);
afterEach(() => void (later = undefined));

async function opened(answer: () => Reply, files: Record<string, string> = {}) {
  api = await startMessagesApi(() => later ?? answer());
  const env = { ANTHROPIC_API_KEY: 'sk-ant-a-key', ANTHROPIC_BASE_URL: api.url };
  const readCode = createReadCode(() => {});
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true'), ...files }, readCode, env);
  const contract = await workshop.open({ session: 'night', input: { seed: 1 }, at: AT });
  const { clone } = workshop;
  const propose = async (experiment: number) => {
    const request = { contract, experiment, base: contract.base, proposer: 'hybrid', rebase: false, at: AT } as const;
    const proposed = await workshop.propose(request);
    const by = proposed.kind === 'proposal' ? (await readCandidate(clone, proposed.candidate)).proposer : null;
    return { ...proposed, by };
  };
  return { ...workshop, contract, propose, outage: join(workshop.state.proposals, 'night', 'outage.json') };
}

/** Asks until it is the turn of `by`; returns the proposal and its number. */
async function turnOf<P extends { readonly by: string | null }>(
  by: string,
  propose: (experiment: number) => Promise<P>,
  from = 1,
) {
  for (let experiment = from; experiment < from + 30; experiment++) {
    const proposed = await propose(experiment);
    if (proposed.by === by) return { proposed, experiment };
  }
  throw new Error(`Expected a turn of ${by} within 30 experiments, got none.`);
}

it('is the proposer of a session that names none once there is a key, and only then', async () => {
  const { contract } = await opened(() => IDEA);
  expect(contract.proposer).toBe('hybrid');
  const keyless = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const open = (input: object): Promise<Contract> => keyless.open({ session: 'night', input, at: AT });
  const refused = await open({ proposer: 'hybrid' }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('ANTHROPIC_API_KEY') });
  expect((await open({})).proposer).toBe('search');
});

it('lets search and model take turns, and a second run takes the same turn and asks nobody', async () => {
  const { propose, clone } = await opened(() => IDEA);
  const { proposed, experiment } = await turnOf('anthropic', propose);
  expect(proposed).toMatchObject({ hypothesis: 'a faster start', work: { kind: 'schedule' } });
  expect(JSON.stringify(api?.asked[0]?.body)).toMatch(/Propose experiment \d+, of the kind \w+: /);
  await git(clone, ['update-ref', '-d', `refs/autoresearch/night/${experiment}`]);
  expect(await propose(experiment)).toEqual(proposed);
  expect(api?.asked).toHaveLength(1);
  const { proposed: found } = await turnOf('search', propose, experiment + 1);
  expect(found).not.toHaveProperty('work');
});

it('goes on with search while the model is down, says so after three questions, and asks again when it is time', async () => {
  let reply: Reply = DOWN;
  const { propose, outage } = await opened(() => reply);
  let experiment = 1;
  for (; (api?.asked.length ?? 0) < 3; experiment++) {
    expect(await propose(experiment)).toMatchObject({ kind: 'proposal', by: 'search' });
  }
  const told = await propose(experiment);
  const words = expect.stringMatching(/^The model is down since 2.*529: overloaded\. `search` goes on alone/) as string;
  expect(told).toMatchObject({ by: 'search', modelDown: words });
  for (let more = 1; more < 8; more++) expect(await propose(experiment + more)).toMatchObject({ by: 'search' });
  expect(api?.asked).toHaveLength(3);

  reply = IDEA;
  const written = JSON.parse(readFileSync(outage, 'utf8')) as { notBefore: string };
  expect(Date.parse(written.notBefore)).toBeGreaterThan(Date.now() + 4 * 60_000);
  writeFileSync(outage, JSON.stringify({ ...written, notBefore: AT }));
  const back = await propose(experiment + 8);
  expect(back).toMatchObject({ by: 'anthropic' });
  expect(back).not.toHaveProperty('modelDown');
});

it.each<[string, Reply | undefined, object]>([
  ['an answer that breaks off', undefined, { turns: 0, inputTokens: 1300 }],
  ['a first answer that cannot be used', { text: 'I would raise the rate.' }, { turns: 1, inputTokens: 2600 }],
])('books what %s took with what the search proposes instead, once', async (_what, first, paid) => {
  const broken: Reply = { ...IDEA, breakOff: true };
  const { propose } = await opened(() => ((api?.asked.length ?? 0) > 1 || first === undefined ? broken : first));
  let [experiment, proposed]: [number, Awaited<ReturnType<typeof propose>> | undefined] = [0, undefined];
  while ((api?.asked.length ?? 0) === 0) proposed = await propose(++experiment);
  expect(proposed).toMatchObject({ kind: 'proposal', by: 'search', work: { ...paid, inVain: true } });
  expect(proposed).not.toHaveProperty('work.kind');
  if (proposed?.kind !== 'proposal') throw new Error(proposed?.kind);
  expect(proposed.work?.usd).toBeGreaterThan(0.002);
  const asked = api?.asked.length;
  expect(await propose(experiment)).toEqual(proposed);
  expect(api?.asked).toHaveLength(asked ?? 0);
});

it('a key that the API refuses is no reason to stop either', async () => {
  const { propose } = await opened(() => ({ status: 401, message: 'no such key' }));
  let last: object = {};
  for (let experiment = 1; (api?.asked.length ?? 0) < 3; experiment++) last = await propose(experiment);
  expect(last).toMatchObject({ by: 'search', modelDown: expect.stringContaining('refuses (401): no such key') });
});

it('asks the model where search has nothing to vary, and waits where that is down too', async () => {
  let reply: Reply = { status: 529, headers: { 'retry-after-ms': '0' } };
  const { propose, state } = await opened(() => reply, { 'train.py': 'print("no constant")\n' });
  expect(await propose(1)).toMatchObject({ kind: 'down', reason: expect.stringContaining('529') });
  reply = { propose: { ...IDEA.propose, edits: [{ file: 'train.py', search: 'no constant', replace: 'none' }] } };
  expect(await propose(1)).toMatchObject({ kind: 'proposal', by: 'anthropic' });
  expect(readdirSync(join(state.proposals, 'night'))).not.toContain('outage.json');
});

it('has the model mend its own crash with what it printed, as a new experiment that names it', async () => {
  const { propose, contract, revert, clone } = await opened(() => IDEA);
  const { proposed, experiment } = await turnOf('anthropic', propose);
  if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
  const crash = { class: 'assertion', fault: 'idea' } as const;
  const trial = trialOf({ commit: proposed.candidate, value: null, crash });
  const reason = 'an assertion failed: AssertionError: the rate is too high';
  const { candidate, work } = proposed;
  const { edit: _edit, tree: _tree, proposer: _proposer, version: _version, ...rest } = recordOf();
  const told = { experiment, candidate, reason, value: null, gain: null, trials: [trial] };
  await revert({
    contract,
    record: { ...rest, ...told, verdict: 'crash', base: contract.base, ...(work !== undefined && { work }) },
  });

  const asked = api?.asked.length ?? 0;
  const mended = { ...IDEA.propose, edits: [{ ...IDEA.propose.edits[0], replace: 'LEARNING_RATE = 0.2' }] };
  replyWith({ propose: mended });
  const repair = await propose(experiment + 1);
  expect(repair).toMatchObject({ by: 'anthropic', work: { repairs: experiment } });
  const question = JSON.stringify(api?.asked[asked]?.body);
  for (const part of [`experiment ${experiment}, mended`, 'the rate is too high', 'LEARNING_RATE = 0.31'])
    expect(question).toContain(part);
  if (repair.kind !== 'proposal') throw new Error(repair.kind);
  expect((await readCandidate(clone, repair.candidate)).repairs).toBe(experiment);
});
