// What a model took for an edit: every answer that is kept, and what answers took that broke off.
import { createHash } from 'node:crypto';
import type { ModelWork } from '../../domain/model-work.ts';
import { answerSchema } from './answer.ts';
import type { Kept } from './kept-answers.ts';
import { costOf, type Price } from './price.ts';

/** Tokens and dollars of all that was asked for one edit; no dollars where nobody knows the price. */
export function workOf(
  priceOf: (model: string) => Price | null,
  { model, prompt, answers, repairs, lost = [] }: Kept,
): ModelWork {
  const price = priceOf(model);
  const said = answerSchema.safeParse(answers.at(-1)?.content.find((block) => block.type === 'tool_use')?.input).data;
  const work = {
    model,
    promptHash: createHash('sha256').update(JSON.stringify(prompt)).digest('hex').slice(0, 16),
    turns: answers.length,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    usd: price === null ? null : 0,
    ...(said !== undefined && { kind: said.kind, expectedGain: said.expected_gain }),
    ...(repairs !== undefined && { repairs }),
  };
  for (const usage of [...answers.map((answer) => answer.usage), ...lost]) {
    const { input_tokens: input, output_tokens: output } = usage;
    const [cached, cacheable] = [usage.cache_read_input_tokens ?? 0, usage.cache_creation_input_tokens ?? 0];
    const writtenForHour = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
    work.inputTokens += input + cached + cacheable;
    work.cachedTokens += cached;
    work.outputTokens += output;
    const cost = costOf({ input, cached, written: cacheable - writtenForHour, writtenForHour, output }, price);
    work.usd = work.usd === null || cost === null ? null : work.usd + cost;
  }
  return work;
}

/** What was paid though another proposes now; undefined where nothing was. */
export function workInVain(priceOf: (model: string) => Price | null, kept: Kept): ModelWork | undefined {
  if (kept.answers.length === 0 && kept.lost === undefined) return undefined;
  // What it would have been, had it come to an edit, is of no interest.
  const { kind: _kind, expectedGain: _gain, repairs: _repairs, ...paid } = workOf(priceOf, kept);
  return { ...paid, inVain: true };
}
