// What the proposer `anthropic` takes: paid for once, booked whatever comes of it, and never more than is left.
import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { asked, edit, everythingIn, HIGHER, opened } from './model-session.ts';

it('pays for no answer twice: run again, it answers the same and asks nobody', async () => {
  const { ask } = await opened(() => HIGHER);
  const first = await ask();
  expect(await ask()).toEqual(first);
  expect(asked()).toHaveLength(1);
});

it('uses the answer that is on disk when it died before it made a candidate of it', async () => {
  const { ask, clone } = await opened(() => HIGHER);
  const first = await ask();
  if (first.kind !== 'proposal') throw new Error(first.kind);
  await git(clone, ['update-ref', '-d', 'refs/autoresearch/night/1']);
  expect(await ask()).toEqual(first);
  expect(asked()).toHaveLength(1);
});

it('says what is wrong with an answer that is no JSON, which counts as one, is kept, and is paid for', async () => {
  const rawInput = '{"hypothesis": "a line\nbreak", "kind": "scalar", "expected_gain": 0, "edits": []}';
  const { ask, state } = await opened((nth) => (nth === 0 ? { rawInput } : HIGHER));
  expect(await ask()).toMatchObject({ kind: 'proposal', work: { turns: 2, inputTokens: 2600, outputTokens: 100 } });
  const [, said, complaint] = asked()[1]?.body.messages ?? [];
  expect(said).toMatchObject({ content: [{ type: 'tool_use', input: { INVALID_JSON: rawInput } }] });
  expect(JSON.stringify(complaint)).toMatch(/to be JSON, with .* for each line break in a string, got what does not/);
  expect(everythingIn(state.proposals)).toContain(JSON.stringify(rawInput));
});

it('counts what an answer took that broke off', async () => {
  const { ask } = await opened((nth) => (nth === 0 ? { ...HIGHER, breakOff: true } : HIGHER));
  expect(await ask()).toMatchObject({ kind: 'down' });
  const proposed = await ask();
  expect(proposed).toMatchObject({ kind: 'proposal', work: { turns: 1, inputTokens: 2600 } });
  const said = JSON.stringify(HIGHER.propose).length / 2; // about three letters are a token
  if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
  expect(proposed.work?.outputTokens).toBe(50 + Math.ceil(Math.ceil(said) / 3));
});

it.each<[string, object, RegExp]>([
  ['dollars', { usd: 0.05 }, /may take \$0\.1\d+, and \$0\.0500 is left/],
  ['tokens', { tokens: 16_000 }, /may take 1\d{4} tokens, and 16000 are left/],
])('is not asked where that may take more than is left: %s', async (_what, left, reason) => {
  const { askFor } = await opened(() => HIGHER);
  const dropped = await askFor(1, { left });
  expect(dropped).toMatchObject({ kind: 'dropped', reason: expect.stringMatching(reason), needs: {} });
  expect(dropped).not.toHaveProperty('work');
  expect(asked()).toEqual([]);
  expect(await askFor(1, { left: { usd: 0.3, tokens: 30_000 } })).toMatchObject({ kind: 'proposal' });
});

it('is not asked once more where what is left does not pay for that too, and says what the first answer took', async () => {
  const { askFor } = await opened(() => edit('LEARNING_RATE = 7', 'x'));
  const dropped = await askFor(1, { left: { tokens: 18_500 } });
  expect(dropped).toMatchObject({ kind: 'dropped', work: { turns: 1, inputTokens: 1300 } });
  expect(dropped).toHaveProperty('needs.tokens');
  expect(asked()).toHaveLength(1);
});

it.each([
  [200, { type: 'ephemeral' }, 1.25],
  [300, { type: 'ephemeral', ttl: '1h' }, 2],
])(
  'has the API keep what stays the same until the next question comes: trials of %i s',
  async (seconds, cache, share) => {
    const { askFor } = await opened(() => HIGHER);
    const proposed = await askFor(1, { trialSeconds: seconds });
    const [first] = asked()[0]?.body.messages ?? [];
    expect(first).toMatchObject({ content: [{}, { cache_control: cache }, {}] });
    if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
    expect(proposed.work?.usd).toBeCloseTo((2 * (1000 + 0.05 * 200 + share * 100) + 10 * 50) / 1e6, 8);
  },
);
