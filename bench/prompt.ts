// How large a model's prompt is, and how much of it the one before began with: that is what prompt caching pays for once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLED_TASK } from '../src/bundled.ts';
import { packageRoot } from '../src/config.ts';
import { buildPrompt, type Prompt } from '../src/proposer/model/prompt.ts';
import type { PromptRequest, PromptTry } from '../src/proposer/model/prompt-request.ts';
import { percent } from './figures.ts';
import type { Part } from './part.ts';

const LINES = 630;
const EXPERIMENTS = 100;
/** So many prompts in a row are looked at, and the one that shares least is told. */
const PROMPTS = 20;
/** Tokenizers make fewer tokens of code than this. */
const CHARACTERS_PER_TOKEN = 3;
const TOKENS_BOUND = 40_000;
const CACHED_BOUND = 0.7;

/** The prompt of a night's hundredth experiment. */
export const promptPart: Part = {
  name: 'prompt',
  about: `a model’s prompt for ${LINES} lines of code with ${EXPERIMENTS} experiments behind it`,
  measure: async () => {
    const prompts = Array.from({ length: PROMPTS + 1 }, (_none, index) => buildPrompt(after(EXPERIMENTS + index)));
    const pairs = prompts.slice(1).map((prompt, index) => [prompts[index] ?? prompt, prompt] as const);
    const tokens = Math.max(...prompts.map((prompt) => lengthOf(partsOf(prompt)) / CHARACTERS_PER_TOKEN));
    const least = Math.min(...pairs.map(([before, prompt]) => sharedShare(before, prompt)));
    return [
      {
        number: `prompt, ${LINES} lines of code, ${EXPERIMENTS} experiments: tokens, at ${CHARACTERS_PER_TOKEN} characters each`,
        measured: Math.round(tokens).toLocaleString('en'),
        bound: `< ${TOKENS_BOUND.toLocaleString('en')}`,
        ok: tokens < TOKENS_BOUND,
      },
      {
        number: `  of it the beginning of the one before, least of ${PROMPTS}`,
        measured: percent(least),
        bound: `>= ${percent(CACHED_BOUND)}`,
        ok: least >= CACHED_BOUND,
      },
    ];
  },
};

/** As long as people's, with what is shown of failures and near misses at its most usual length. */
function after(experiments: number): PromptRequest {
  const task = join(packageRoot(), BUNDLED_TASK, '..');
  const train = readFileSync(join(task, 'train.py'), 'utf8');
  const lines = Array.from({ length: LINES }, (_none, index) => train.split('\n')[index % train.split('\n').length]);
  const number = (back: number): number => experiments - back;
  return {
    experiment: experiments + 1,
    instructions: readFileSync(join(task, 'program.md'), 'utf8'),
    metric: { name: 'val_bpb', direction: 'minimize' },
    trialSeconds: 300,
    conditions: ['peak_vram_mb may be at most 1.1x what the baseline takes'],
    files: { 'train.py': lines.join('\n') },
    history: Array.from({ length: experiments }, (_none, index) => tried(index + 1)),
    nearMisses: [9, 17, 40].map((back) => ({ experiment: number(back), diff: lines.slice(0, 15).join('\n') })),
    failures: [3, 11, 30].map((back) => ({
      experiment: number(back),
      reason: 'exited with code 1',
      log: lines.slice(0, 25).join('\n'),
    })),
    hints: ['the schedule ends too early', 'try a smaller batch'],
  };
}

const tried = (experiment: number): PromptTry => ({
  experiment,
  verdict: experiment % 12 === 0 ? 'keep' : 'discard',
  hypothesis: `WARMDOWN_RATIO 0.4 -> 0.${experiment}: less of the budget at a low rate, which this short a run cannot use (schedule)`,
  outcome: '1.5 times the noise worse, no gain',
});

/** In the order in which they are sent. */
const partsOf = ({ system, stable, fresh }: Prompt): string[] => [system, ...stable, fresh];
const lengthOf = (parts: readonly string[]): number => parts.reduce((sum, part) => sum + part.length, 0);

/** What is cached are whole blocks, up to the first that differs; the last one never is. */
function sharedShare(before: Prompt, prompt: Prompt): number {
  const old = [before.system, ...before.stable];
  const parts = [prompt.system, ...prompt.stable];
  const same = parts.findIndex((part, index) => part !== old[index]);
  return lengthOf(same === -1 ? parts : parts.slice(0, same)) / lengthOf(partsOf(prompt));
}
