// The proposer `anthropic`: what it is told, and what comes of its answers.
import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { importLog } from '../../src/git/imported.ts';
import { recordOf } from '../proposer/records.ts';
import type { Reply } from '../support/messages-api.ts';
import { asked, edit, everythingIn, HIGHER, KEY, opened } from './model-session.ts';
import { AT, taskFile } from './workshop.ts';

it('makes a candidate of a model’s edit, and tells what it took', async () => {
  const { ask, clone } = await opened(() => HIGHER);
  const proposed = await ask();
  expect(proposed).toMatchObject({
    kind: 'proposal',
    hypothesis: 'a higher rate',
    work: {
      model: 'claude-sonnet-5-5',
      kind: 'scalar',
      expectedGain: 0.2,
      turns: 1,
      inputTokens: 1300,
      cachedTokens: 200,
      outputTokens: 50,
    },
  });
  if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
  expect(proposed.work?.usd).toBeCloseTo((2 * 1000 + 0.1 * 200 + 2.5 * 100 + 10 * 50) / 1e6);
  expect(await git(clone, ['show', `${proposed.candidate}:train.py`])).toContain('LEARNING_RATE = 0.3');
  const question = JSON.stringify(asked()[0]?.body);
  for (const part of ['make it learn faster', 'LEARNING_RATE = 0.1', 'be bold', 'Propose experiment 1'])
    expect(question).toContain(part);
});

it('is told what a training has to reach before it ends itself, where the task has a target', async () => {
  const task = taskFile('true', 'target: val_bpb <= 3.28\n').replace('name: loss', 'name: seconds');
  const { ask } = await opened(() => HIGHER, {}, task);
  await ask();
  const question = JSON.stringify(asked()[0]?.body);
  expect(question).toMatch(/- val_bpb <= 3\.28 must be reached in every training\\n- a training ends itself/);
});

it('is told what an imported log has, without its values', async () => {
  const { ask, clone, repo } = await opened(() => HIGHER);
  const said = { verdict: 'keep', value: 0.123456, description: 'warm up' } as const;
  const one = { ...said, number: 1, commit: null, metrics: {} };
  const segments = [{ name: '', metric: 'loss', unit: '', direction: null, experiments: [one] }];
  await importLog({ clone, origin: repo, log: { version: 1, format: 'karpathy', segments }, at: AT });
  await ask();
  expect(JSON.stringify(asked()[0]?.body)).toMatch(/^(?!.*0\.123456).*keep \(by loss\) · warm up/);
});

it('says once what is wrong with an answer, and takes the next', async () => {
  const { ask } = await opened((nth) => (nth === 0 ? edit('LEARNING_RATE = 7', 'x') : HIGHER));
  expect(await ask()).toMatchObject({ kind: 'proposal', work: { turns: 2, inputTokens: 2600 } });
  const [, second] = asked();
  expect(second?.body.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(JSON.stringify(second?.body.messages.at(-1))).toContain('got no match: LEARNING_RATE = 7');
});

it.each<[string, Reply, RegExp]>([
  ['is text alone', { text: 'I would raise the rate.' }, /a call of the tool `propose`, got none/],
  ['is cut off', { ...HIGHER, stop: 'max_tokens' }, /cut off for its length/],
  ['is nothing', { text: '' }, /a call of the tool `propose`, got none/],
  ['is no JSON', { rawInput: '{"hypothesis": ' }, /to be JSON, .* got what does not parse/],
  ['is a list', { rawInput: '[]' }, /as the tool describes it/],
  [
    'edits a protected file',
    edit('x', 'y', { edits: [{ file: 'autoresearch.yaml', search: 'a', replace: 'b' }] }),
    /got autoresearch\.yaml/,
  ],
])('drops an answer that %s twice, with what it took', async (_what, reply, reason) => {
  const { ask } = await opened(() => reply);
  expect(await ask()).toMatchObject({ kind: 'dropped', reason: expect.stringMatching(reason), work: { turns: 2 } });
  expect(asked()).toHaveLength(2);
});

const whole = (content: string): Reply => edit('', '', { edits: [], files: [{ file: 'train.py', content }] });

it.each<[string, Reply, RegExp]>([
  ['does what its base does not', edit('LEARNING_RATE = 0.1', 'import socket\nLEARNING_RATE = 0.1'), /^refused edit/],
  ['is of 5 MB', whole('x = 1\n'.repeat(850_000)), /^refused edit: .*too large/],
  ['adds bytes that are no text', edit('MOMENTUM = 0.5', 'MOMENTUM = "\0"'), /^refused edit/],
  ['holds the markup of another tool', edit('MOMENTUM = 0.5', '</parameter>\n</invoke>'), /^refused edit/],
])('drops what the gate refuses, and asks no second time: an answer that %s', async (_what, reply, reason) => {
  const dropped = { kind: 'dropped', hypothesis: 'a higher rate', work: { turns: 1 } };
  expect(await (await opened(() => reply)).ask()).toMatchObject({ ...dropped, reason: expect.stringMatching(reason) });
});

it('puts the question once more where the API would not take the answer back', async () => {
  const { ask } = await opened((nth) => (nth === 0 ? { text: '', stop: 'max_tokens' } : HIGHER));
  expect(await ask()).toMatchObject({ kind: 'proposal', work: { turns: 2 } });
  const [, second] = asked();
  expect(second?.body.messages.map(({ role }) => role)).toEqual(['user']);
  expect(JSON.stringify(second?.body.messages)).toContain('Your last answer: That cannot be used');
});

it('does not ask again after a refusal', async () => {
  const { ask } = await opened(() => ({ text: 'No.', stop: 'refusal' }));
  expect(await ask()).toMatchObject({
    kind: 'dropped',
    reason: expect.stringContaining('refused'),
    work: { turns: 1 },
  });
});

it.each([
  [400, /refuses \(400\): no.* Mend that, then resume\.$/],
  [401, /refuses \(401\): no.* Set a key that it takes, then `npx autoresearch down` and `up`, and resume\.$/],
  [404, /refuses \(404\).* `npx autoresearch start --continue-from <session> --model <name>`/],
])('blocks for a person after %i', async (status, message) => {
  const { ask } = await opened(() => ({ status }));
  const error = await ask().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ type: 'Blocked', message: expect.stringMatching(message) });
});

it('blocks before anything is asked where the code is more than a model can be shown', async () => {
  const { ask } = await opened(() => HIGHER, {}, taskFile('true'), { 'train.py': 'X = 1\n'.repeat(70_000) });
  const error = await ask().catch((thrown: unknown) => thrown);
  const message = expect.stringMatching(
    /^Expected the editable files .*, got 420\d{3} in 1 of them\. Stop this session/,
  );
  expect(error).toMatchObject({ type: 'Blocked', message });
  expect(asked()).toEqual([]);
});

const WARM = 'MOMENTUM = 0.5\nWARM = LEARNING_RATE * 2';
const warm = (line: string, more: object = {}): Reply =>
  edit('MOMENTUM = 0.5', line, {
    hypothesis: 'a warm start over the first steps, for Adam knows nothing yet',
    ...more,
  });

/** A session in which WARM was tried and discarded; its next question is experiment 2's. */
async function triedBefore(answer: (nth: number) => Reply) {
  const session = await opened((nth) => (nth === 0 ? warm(WARM) : answer(nth)));
  const first = await session.ask();
  if (first.kind !== 'proposal') throw new Error(first.kind);
  const { edit: _edit, tree: _tree, proposer: _proposer, version: _version, ...rest } = recordOf();
  const record = { ...rest, experiment: 1, base: session.contract.base, candidate: first.candidate };
  await session.revert({ contract: session.contract, record });
  return session;
}

it('has a near repeat say why it should come out otherwise', async () => {
  const differs = 'the incumbent has another momentum by now, which it leans on';
  const again = `${WARM} + MOMENTUM`;
  const { askFor } = await triedBefore((nth) => warm(again, nth === 1 ? {} : { differs }));
  expect(await askFor(2)).toMatchObject({ kind: 'proposal', work: { turns: 2 } });
  const complaint = JSON.stringify(asked()[2]?.body.messages.at(-1));
  expect(complaint).toMatch(/nearly experiment 1 \(discard: .*Say in `differs`/);
});

it('drops a near repeat that does not', async () => {
  const { askFor } = await triedBefore(() => warm(`${WARM} + MOMENTUM`, { differs: 'it is new' }));
  const reason = expect.stringContaining('nearly experiment 1') as string;
  expect(await askFor(2)).toMatchObject({ kind: 'dropped', reason, work: { turns: 2 } });
});

it('says that the API is down, and when it is to be asked again', async () => {
  const { ask } = await opened(() => ({ status: 429, headers: { 'retry-after': '7' } }));
  const reason = expect.stringContaining('answers 429') as string;
  expect(await ask()).toEqual({ kind: 'down', reason, afterMs: 7000 });
});

it('keeps the key out of prompts, answers, git and everything else on disk', async () => {
  const { ask, state, repo } = await opened(() => HIGHER);
  await ask();
  const written = everythingIn(state.root) + everythingIn(repo);
  expect(written).toContain('a higher rate');
  expect(written).not.toContain(KEY);
});
