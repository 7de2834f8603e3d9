// `show <n> --prompt`: what a model was asked for an experiment, and what it answered.
import { stateDirectory } from '../config.ts';
import type { Kept } from '../proposer/model/kept-answers.ts';
import { notFound, printJson, printLines, type Cli } from './cli.ts';
import { plainLines } from './figures.ts';

/** Prints it; ends with exit code 3 where no model was asked on this machine. */
export async function showPrompt(cli: Cli, session: string, experiment: number, json: boolean): Promise<void> {
  const { keptOf } = await import('../proposer/model/kept-answers.ts');
  const kept = keptOf(stateDirectory().proposals, { session, experiment });
  if (kept.length === 0)
    await notFound(`Expected a model to have been asked for experiment ${experiment} on this machine, got none.`);
  if (json) return printJson(cli, kept);
  printLines(cli, kept.flatMap(promptLines));
}

/** One question with its answers, as text. */
function promptLines({ model, prompt, answers }: Kept): string[] {
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
