// What a coding agent took for an edit, by its own word, or by the price of the tokens that it names.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ModelWork } from '../src/domain/model-work.ts';
import type { Models } from '../src/models.ts';
import type { Output } from '../src/proposer/agent/output/hear.ts';
import * as places from '../src/proposer/agent/place.ts';
import { programOf, templateOf } from '../src/proposer/agent/presets.ts';
import { costOf } from '../src/proposer/model/price.ts';
import type { ProposeInput } from './contract.ts';

/** What one start of it took. */
export function usageOf({ priceOf }: Models, { choice }: ProposeInput, output: Output): places.Usage {
  const { turns, inputTokens, cachedTokens, outputTokens } = output;
  const price = priceOf(output.model ?? choice?.model ?? '');
  const tokens = { input: inputTokens - cachedTokens, cached: cachedTokens, written: 0, output: outputTokens };
  const usd = output.usd ?? (inputTokens + outputTokens === 0 ? null : costOf(tokens, price));
  return { turns, inputTokens, cachedTokens, outputTokens, usd };
}

/** All that an experiment's agent took, starts that gave no answer too. */
export function workOf(models: Models, place: places.AgentPlace, input: ProposeInput, output: Output): ModelWork {
  const program = basename(programOf(templateOf(input.command ?? '')) ?? 'command');
  const work = {
    model: output.model ?? input.choice?.model ?? program,
    promptHash: createHash('sha256').update(readFileSync(place.prompt)).digest('hex').slice(0, 16),
    ...usageOf(models, input, output),
  };
  for (const one of places.readSpent(place)) {
    work.turns += one.turns;
    work.inputTokens += one.inputTokens;
    work.cachedTokens += one.cachedTokens;
    work.outputTokens += one.outputTokens;
    work.usd = one.usd === null ? work.usd : (work.usd ?? 0) + one.usd;
  }
  return work;
}
