// How `show` explains what was decided of an experiment.
import { expect, test } from 'vitest';
import { fakeFeed, run } from './fakes.ts';
import { experimentLines } from '../../src/cli/show-view.ts';
import { OPEN, record } from './samples.ts';

const assessment = { better: 0.97, worthwhile: 0.9, gain: 0.05, low: 0.02, high: 0.081, noise: 0.012, degrees: 6 };
const first = async (more: object) =>
  (await run(['show', '12'], { openFeed: async () => fakeFeed({}, [record(12, more)]) })).out.split('\n')[0];

const gaining = async (more: object): Promise<string> => {
  const { out } = await run(['show', '12'], {
    openFeed: async () => fakeFeed({}, [record(12, { gain: 0.05, ...more })]),
  });
  return out.replaceAll(/\n +/g, ' ');
};

test('show explains a verdict of the sequential rule in words and numbers', async () => {
  const judged = record(12, { rule: 'default', assessment, netLines: 3 });
  const { out } = await run(['show', '12'], { openFeed: async () => fakeFeed({}, [judged]) });
  expect(out.replaceAll(/\n +/g, ' ')).toContain(
    'by default: better with a probability of 0.97; gain 95 % between +0.0200 and +0.0810; noise between 0.0077 and 0.027 (6 degrees of freedom); +3 lines of code',
  );
});

test('show sets the gain that its model expected beside the one that came out', async () => {
  const tokens = { inputTokens: 1, cachedTokens: 0, outputTokens: 1 };
  const work = { model: 'a-model', promptHash: 'p', turns: 1, ...tokens, usd: 0, expectedGain: 0.3 };
  expect(await gaining({ work })).toMatch(/gain \+0\.0500 over \S+ \(its model expected \+0\.3000?\)/);
  expect(await gaining({ work: { ...work, expectedGain: 0 } })).not.toContain('expected');
  expect(await gaining({ work: { ...work, inVain: true } })).toContain('a-model, in vain; ');
  expect(await gaining({})).not.toContain('expected');
});

test('show has what a reviewer said of it, and at what cost', async () => {
  const tokens = { inputTokens: 900, cachedTokens: 0, outputTokens: 40 };
  const work = { model: 'a-model', promptHash: 'p', turns: 1, ...tokens, usd: 0.01 };
  const opinion = { opinion: 'question', reason: 'line 3 has no use', work } as const;
  expect(await gaining({ opinion })).toContain(
    'question, by a-model: line 3 has no use. 900 tokens read (0 of them from the cache), 40 written; $0.0100',
  );
});

test('show certifies a keep that is as sure as `strict` asks for, in tier A throughout', async () => {
  const trials = record(12).trials.map((trial) => ({ ...trial, tier: 'A' as const }));
  const kept = { verdict: 'keep', rule: 'default', assessment, trials };
  expect(await first(kept)).toMatch(/· keep · certified$/);
  expect(await first({ ...kept, assessment: { ...assessment, better: 0.94 } })).toMatch(/· keep$/);
  expect(await first({ ...kept, trials: trials.map((trial) => ({ ...trial, tier: 'B' })) })).toMatch(/· keep$/);
  expect(await first({ ...kept, verdict: 'discard' })).toMatch(/· discard$/);
});

test('show tells which hooks ran around an experiment, and how one failed', () => {
  const hook = { version: 1, experiment: 12, at: '', exitCode: 0, timedOut: false, note: 'hm' } as const;
  const hooks = [
    { ...hook, stage: 'before', seconds: 0.31, stdoutBytes: 120 },
    { ...hook, stage: 'after', seconds: 30.1, stdoutBytes: 0, exitCode: null, timedOut: true },
  ] as const;
  const shown = { record: record(12), task: OPEN.task, diff: '', log: null, at: 0 };
  expect(experimentLines({ ...shown, hooks }, 120).join('\n')).toMatch(
    /hooks +before, 120 bytes in 0\.31 s; after, was ended after 30 s, 0 bytes in 30 s/,
  );
  expect(experimentLines({ ...shown, hooks: [] }, 120).join('\n')).not.toContain('hooks');
});
