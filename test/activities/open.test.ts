import { ApplicationFailure } from '@temporalio/common';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { candidateRef, ledgerRef } from '../../src/domain/names.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { git } from '../../src/git/git.ts';
import { homeClonePath } from '../../src/git/home-clone.ts';
import { readFiles } from '../../src/git/tree.ts';
import { allowRepo } from '../../src/services/allowed.ts';
import { commitFiles, newFolder, newRecord } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

afterEach(() => vi.unstubAllEnvs());

const TASK = taskFile('true');
const BOMB = Array.from({ length: 6 }, (_, k) => {
  const nine = Array.from({ length: 9 }, () => (k === 0 ? 'x' : `*a${k - 1}`));
  return `a${k}: &a${k} [${nine.join(', ')}]\n`;
}).join('');
const refusal = async (opening: Promise<unknown>): Promise<ApplicationFailure> => {
  const error = await opening.catch((thrown: unknown) => thrown);
  if (error instanceof ApplicationFailure) return error;
  throw new Error(`Expected an ApplicationFailure, got ${String(error)}`);
};

it('freezes the contract, begins ledger and kept line, and answers the same when it runs twice', async () => {
  const { open, repo, clone } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const input = { session: 'night 1', input: {}, at: AT };
  const contract = await open(input);
  expect(contract).toMatchObject({ session: 'night 1', origin: repo, taskPath: 'autoresearch.yaml', homeId: 'host' });
  expect(new Set(contract.seeds).size).toBe(64);
  const refs = await git(clone, ['for-each-ref']);
  // Meanwhile the person works on: the session's base stays.
  await commitFiles(repo, { 'more.txt': 'more' });
  expect(await open(input)).toEqual(contract);
  expect((await git(clone, ['for-each-ref', 'refs/heads', 'refs/autoresearch'])).split('\n')).toHaveLength(2);
  expect(refs).toContain(`refs/heads/autoresearch/${contract.tag}`);
  expect((await readLedger(clone, contract.tag))?.events).toHaveLength(1);
});

it('takes the same seeds for the same session again, and others for another', async () => {
  const { open } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const first = await open({ session: 'a', input: {}, at: AT });
  const second = await open({ session: 'b', input: {}, at: AT });
  expect(second.seeds).not.toEqual(first.seeds);
  expect((await open({ session: 'a', input: {}, at: AT })).seeds).toEqual(first.seeds);
});

it('refuses a tag that another session has', async () => {
  const { open } = await createWorkshop({ 'autoresearch.yaml': TASK });
  await open({ session: 'a', input: { tag: 'mine' }, at: AT });
  const failure = await refusal(open({ session: 'b', input: { tag: 'mine' }, at: AT }));
  expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
  expect(failure.message).toContain('Expected a tag that is free, got "mine"');
});

it('blocks for a repo that this machine has not allowed, with the command that allows it', async () => {
  const { open } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const stranger = await createWorkshop({ 'autoresearch.yaml': TASK });
  const failure = await refusal(open({ session: 'a', input: { repo: stranger.repo }, at: AT }));
  expect(failure).toMatchObject({ type: 'Blocked', nonRetryable: true });
  expect(failure.message).toContain(`npx autoresearch allow ${stranger.repo}`);
});

it.each([
  ['no task file', {}, 'Expected a task file autoresearch.yaml in the repo'],
  ['bad YAML', { 'autoresearch.yaml': 'a: [' }, 'Expected autoresearch.yaml to be YAML'],
  [
    'an alias that stands for nothing',
    { 'autoresearch.yaml': TASK.replace(/editable: .*/, 'editable: [*.py]') },
    'Expected autoresearch.yaml to be YAML, got: Unresolved alias',
  ],
  [
    'aliases that grow without end',
    { 'autoresearch.yaml': BOMB },
    'Expected autoresearch.yaml to be YAML, got: Excessive',
  ],
  [
    'an editable file that is not there',
    { 'autoresearch.yaml': TASK.replace('train.py', 'other.py') },
    'Expected `editable.0` in autoresearch.yaml to be a committed file, got other.py',
  ],
  [
    'an editable link',
    { 'autoresearch.yaml': TASK.replace('train.py', 'link.py'), 'link.py': { link: 'train.py' } },
    'Expected `editable.0`',
  ],
])('names %s and writes nothing', async (_what, files, sentence) => {
  const { open, clone, repo } = await createWorkshop(files);
  const failure = await refusal(open({ session: 'a', input: { repo }, at: AT }));
  expect(failure.type).toBe('InvalidInput');
  expect(failure.message).toContain(sentence);
  expect(await git(clone, ['for-each-ref', 'refs/heads', 'refs/autoresearch'])).toBe('');
});

it('names a repo that is none, an empty one and a ref that is not there', async () => {
  const { open, repo } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const folder = await newFolder();
  expect((await refusal(open({ session: 'a', input: { repo: folder }, at: AT }))).message).toContain(
    'to be a git repo',
  );
  expect((await refusal(open({ session: 'a', input: { repo: join(folder, 'x') }, at: AT }))).message).toContain(
    'which is no folder',
  );
  await git(folder, ['init', '--quiet']);
  expect((await refusal(open({ session: 'a', input: { repo: folder }, at: AT }))).message).toContain(
    'commit something there first',
  );
  expect((await refusal(open({ session: 'a', input: { repo, ref: 'nowhere' }, at: AT }))).message).toContain(
    'got "nowhere"',
  );
});

it("leaves the person's work tree, index and HEAD alone", async () => {
  const { open, repo } = await createWorkshop({ 'autoresearch.yaml': TASK });
  await writeFile(join(repo, 'train.py'), 'half done');
  const before = await git(repo, ['status', '--porcelain=v2', '--branch']);
  await open({ session: 'a', input: {}, at: AT });
  expect(await git(repo, ['status', '--porcelain=v2', '--branch'])).toBe(before);
});

it("keeps the password in a repo's URL out of the ledger, which everybody at the origin can read", async () => {
  const { open, repo, state } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const url = 'https://me:hunter2@example.invalid/repo.git';
  const home = await newFolder();
  await writeFile(join(home, '.gitconfig'), `[url "${repo}"]\n\tinsteadOf = ${url}\n`);
  vi.stubEnv('HOME', home);
  await allowRepo(state, url);
  const contract = await open({ session: 'night', input: { repo: url }, at: AT });
  const clone = homeClonePath({ repos: state.repos, origin: url });
  const texts = await readFiles(clone, ledgerRef(contract.tag), ['events/0-open.json']);
  expect(texts['events/0-open.json']).toContain('https://***@example.invalid/repo.git');
  expect(await readFile(join(clone, 'config'), 'utf8')).not.toContain('hunter2');
  expect(contract.origin).toBe(url);
});

it('blocks, naming the home clone and what to do, where that is damaged: at the opening and at every verb', async () => {
  const { open, record, revert, clone } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const contract = await open({ session: 'night', input: {}, at: AT });
  await writeFile(join(clone, 'HEAD'), '');
  const event = { version: 1, kind: 'end', at: AT, status: 'done', reason: 'budget' } as const;
  const ended = newRecord(1);
  for (const verb of [
    () => open({ session: 'night', input: {}, at: AT }),
    () => record({ contract, index: 1, event }),
    () => revert({ contract, record: ended }),
  ]) {
    const failure = await refusal(verb());
    expect(failure).toMatchObject({ type: 'Blocked', nonRetryable: true });
    expect(failure.message).toMatch(/Restore it and resume; or move it away/);
    expect(failure.message).toContain(clone);
  }
});

it('blocks, naming ref and remedy, where a ref of the session is broken or contradicts its record', async () => {
  const { open, propose, record, revert, repo, clone } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const contract = await open({ session: 'night', input: {}, at: AT });
  const base = await git(repo, ['rev-parse', 'HEAD']);
  const proposal = await propose({ contract, experiment: 1, base, proposer: 'search', rebase: false, at: AT });
  if (proposal.kind !== 'proposal') throw new Error(proposal.kind);
  const { candidate } = proposal;
  await git(clone, ['update-ref', candidateRef(contract.tag, 1), base]);
  const contradicting = await refusal(revert({ contract, record: newRecord(1, { candidate }) }));
  expect(contradicting).toMatchObject({ type: 'Blocked', nonRetryable: true });
  expect(contradicting.message).toContain(`update-ref ${candidateRef(contract.tag, 1)} ${candidate}`);
  await writeFile(join(clone, ledgerRef(contract.tag)), '12');
  const event = { version: 1, kind: 'end', at: AT, status: 'done', reason: 'budget' } as const;
  const broken = await refusal(record({ contract, index: 1, event }));
  expect(broken).toMatchObject({ type: 'Blocked', nonRetryable: true });
  expect(broken.message).toContain(`rm ${join(clone, ledgerRef(contract.tag))}`);
});

it('blocks where the list of allowed repos is damaged, naming the file', async () => {
  const { open, state } = await createWorkshop({ 'autoresearch.yaml': TASK });
  const stranger = await createWorkshop({ 'autoresearch.yaml': TASK });
  await writeFile(state.allowed, '{');
  const failure = await refusal(open({ session: 'a', input: { repo: stranger.repo }, at: AT }));
  expect(failure).toMatchObject({ type: 'Blocked', nonRetryable: true });
  expect(failure.message).toContain(`Expected ${state.allowed} to be a list of repos`);
});

it('refuses at the start what it could not do: no key, or a bound in dollars for a model without a price', async () => {
  const workshop = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const open = (input: object) => workshop.open({ session: 'night', input, at: AT }).catch((error: unknown) => error);
  expect(await open({ proposer: 'anthropic', model: 'unheard-of', usd: 3 })).toMatchObject({
    type: 'InvalidInput',
    message: expect.stringMatching(/ANTHROPIC_API_KEY[^]*got unheard-of; say its price/),
  });
  await expect(git(workshop.repo, ['rev-parse', 'refs/heads/autoresearch/night'])).rejects.toThrow('unknown revision');
  expect(await open({})).toMatchObject({ tag: 'night' });
});
