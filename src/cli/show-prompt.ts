// `show <n> --prompt`: what a model or an agent was asked for an experiment, and what it answered.
import { stateDirectory } from '../config.ts';
import type { AgentWork } from '../proposer/agent/place.ts';
import type { Kept } from '../proposer/model/kept-answers.ts';
import { notFound, printJson, printLines, type Cli } from './cli.ts';
import { plainLines } from './figures.ts';

/** Prints it; ends with exit code 3 where nobody was asked on this machine. */
export async function showPrompt(cli: Cli, session: string, experiment: number, json: boolean): Promise<void> {
  const { keptOf } = await import('../proposer/model/kept-answers.ts');
  const { agentsOf } = await import('../proposer/agent/place.ts');
  const key = { session, experiment };
  const { proposals } = stateDirectory();
  const [models, agents] = [keptOf(proposals, key), agentsOf(proposals, key)];
  if (models.length + agents.length === 0)
    await notFound(
      `Expected a model or an agent to have been asked for experiment ${experiment} on this machine, got none.`,
    );
  if (json) return printJson(cli, [...models, ...agents]);
  printLines(cli, [...models.flatMap(promptLines), ...agents.flatMap(agentLines)]);
}

const linesOf = (text: string): string[] => plainLines(text).split('\n');

/** One question with its answers, as text. */
function promptLines({ model, prompt, answers }: Kept): string[] {
  const { system, stable, fresh } = prompt;
  const asked = [system, ...stable, fresh].flatMap((text) => [...linesOf(text), '']);
  const answered = answers.flatMap((answer, index) => [
    `--- answer ${index + 1} (${answer.usage.output_tokens} tokens) ---`,
    ...answer.content.flatMap((block) => {
      if (block.type === 'text') return linesOf(block.text);
      if (block.type !== 'tool_use') return [];
      const { input } = block;
      return linesOf(typeof input === 'string' ? input : JSON.stringify(input, undefined, 2));
    }),
  ]);
  return [`--- asked of ${model} ---`, ...asked, ...answered];
}

/** What an agent was told, and the end of what it said: all of it is in its log. */
function agentLines({ prompt, log, said, answer }: AgentWork): string[] {
  const came = answer === undefined ? 'nothing yet' : answer.kind === 'edit' ? answer.hypothesis : answer.reason;
  return [
    `--- asked of ${answer?.work.model ?? 'an agent'} ---`,
    ...linesOf(prompt),
    `--- what it said last (all of it: ${log}) ---`,
    ...linesOf(said),
    `--- what came of it: ${came} ---`,
  ];
}
