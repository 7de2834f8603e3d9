// `show <n> --prompt`: what a model was asked for an experiment, and what it answered.
import type { Kept } from '../proposer/model/kept-answers.ts';
import { plainLines } from './figures.ts';

/** One question with its answers, as text. */
export function promptLines({ model, prompt, answers }: Kept): string[] {
  const { system, stable, fresh } = prompt;
  const asked = [system, ...stable, fresh].flatMap((text) => [...plainLines(text).split('\n'), '']);
  const answered = answers.flatMap((answer, index) => [
    `--- answer ${index + 1} (${answer.usage.output_tokens} tokens) ---`,
    ...answer.content.flatMap((block) => {
      if (block.type === 'text') return plainLines(block.text).split('\n');
      return block.type === 'tool_use' ? JSON.stringify(block.input, undefined, 2).split('\n') : [];
    }),
  ]);
  return [`--- asked of ${model} ---`, ...asked, ...answered];
}
