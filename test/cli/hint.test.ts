import { expect, test } from 'vitest';
import { fakeClient, fakeFeed, run } from './fakes.ts';
import { LIVE } from './samples.ts';

/** A session with three hints, the second withdrawn, whose server notes what it is told. */
function world(hints: readonly (string | null)[] = ['wider', null, 'a smaller batch']) {
  const told: unknown[] = [];
  const update = async (...asked: unknown[]) => (told.push(asked), { status: 'running' });
  const client = fakeClient({ update, status: async () => ({ ...LIVE, hints }) });
  return { told, openFeed: async () => fakeFeed({ client }) };
}

test('a hint is one update, and so is its end', async () => {
  const { told, openFeed } = world();
  expect((await run(['hint', ' smaller '], { openFeed })).out).toBe('byte-lm-nov23 · running\n');
  await run(['hint', '--withdraw', '3'], { openFeed });
  await run(['hint', 'other', '--withdraw', '1'], { openFeed });
  expect(told).toEqual([
    ['byte-lm-nov23', 'hint', { text: 'smaller' }],
    ['byte-lm-nov23', 'hint', { withdraw: 3 }],
    ['other', 'hint', { withdraw: 1 }],
  ]);
});

test('hints are listed with the numbers that they have, without those that were withdrawn', async () => {
  const { openFeed } = world();
  expect((await run(['hint', '--list'], { openFeed })).out).toBe('1  wider\n3  a smaller batch\n');
  const standing = [
    { hint: 1, text: 'wider' },
    { hint: 3, text: 'a smaller batch' },
  ];
  const { out } = await run(['hint', '--list', '--json'], { openFeed });
  expect(JSON.parse(out)).toEqual({ session: 'byte-lm-nov23', hints: standing });
  const { out: none, err } = await run(['hint', '--list'], { openFeed: world([]).openFeed });
  expect([none, err]).toEqual(['', 'No hint stands in byte-lm-nov23.\n']);
});

test.each([
  [[' '], 'Expected `[text]` to be 1 to 2000 characters long, got 0.\n'],
  [[], 'Expected `hint` to have a text, got nothing; or say --list or --withdraw <n>.\n'],
  [['--withdraw', '0'], 'Expected `--withdraw` to be a whole number of at least 1, got "0".\n'],
  [['a', 'b', '--list'], 'Expected no text beside `--list` or `--withdraw`, got "a".\n'],
  [['--list', '--withdraw', '1'], "error: option '--list' cannot be used with option '--withdraw <n>'\n"],
])('%j is refused, and nothing is sent', async (argv, err) => {
  const { told, openFeed } = world();
  expect(await run(['hint', ...argv], { openFeed })).toEqual({ code: 2, out: '', err });
  expect(told).toEqual([]);
});
