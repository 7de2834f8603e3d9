// What an agent is asked for beside an idea, and what it is not to propose again: as a model, in the ways that it has.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HIGHER, opened } from './agent-session.ts';

it('asks for the kind of idea that is scheduled, and books the idea as one of that kind', async () => {
  const { ask, promptOf } = await opened(HIGHER);
  expect(await ask(8)).toMatchObject({ work: { kind: 'simplify' } });
  expect(readFileSync(promptOf(8), 'utf8')).toContain('Propose experiment 8, of the kind simplify: ');
});

const warm = (line: string, ...said: string[]): string =>
  [
    `echo '${line}' >> train.py`,
    'mkdir .autoresearch',
    ...said.map((word) => `echo '${word}' >> .autoresearch/hypothesis.md`),
  ].join('; ');
const WHY = 'a warm start over the first steps, for Adam knows nothing yet';
const AGAIN = 'WARM = LEARNING_RATE * 2 + MOMENTUM';

it.each([
  [
    'refuses what is nearly an experiment that was tried',
    [WHY, 'DIFFERS: new'],
    { kind: 'dropped', reason: expect.stringMatching(/^it is nearly experiment 1 \(discard: /) as string },
  ],
  [
    'unless it says why it should come out otherwise now',
    [WHY, '- **DIFFERS:** the best has another momentum by now'],
    { kind: 'proposal' },
  ],
])('%s', async (_what, said, proposed) => {
  const { ask, end } = await opened(
    `n=$(sed -n 's/^Propose experiment \\([0-9]*\\).*/\\1/p'); if [ $n = 1 ]; then ${warm('WARM = LEARNING_RATE * 2', WHY)}; else ${warm(AGAIN, ...said)}; fi`,
  );
  await end(1, await ask(1));
  expect(await ask(2)).toMatchObject({ hypothesis: WHY, ...proposed });
});
