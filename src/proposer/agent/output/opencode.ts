// OpenCode, `run --format json`: parts of messages, and what each step took.
import { z } from 'zod';
import { count, inShort, type Dialect } from './heard.ts';

const ofSession = { sessionID: z.string() };
const input = z.record(z.string(), z.unknown()).optional();

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('step_start'), ...ofSession }),
  z.object({ type: z.literal('text'), ...ofSession, part: z.object({ text: z.string() }) }),
  z.object({ type: z.literal('reasoning'), ...ofSession }),
  z.object({
    type: z.literal('tool_use'),
    ...ofSession,
    part: z.object({ tool: z.string(), state: z.object({ input }).optional() }),
  }),
  z.object({
    type: z.literal('step_finish'),
    ...ofSession,
    part: z.object({
      cost: z.number().optional(),
      tokens: z.object({
        input: count,
        output: count,
        reasoning: count,
        cache: z.object({ read: count, write: count }).optional(),
      }),
    }),
  }),
  z.object({
    type: z.literal('error'),
    ...ofSession,
    error: z.object({ name: z.string(), data: z.object({ message: z.string().optional() }).optional() }),
  }),
]);

/** Notes an event; steps are added up. */
export const opencode: Dialect = (json, heard) => {
  const { data: event } = eventSchema.safeParse(json);
  if (event === undefined) return false;
  if (event.type === 'text') heard.said = event.part.text;
  if (event.type === 'tool_use') {
    const used = event.part.state?.input;
    heard.doing = inShort(event.part.tool, used?.['filePath'] ?? used?.['command']);
  }
  if (event.type === 'error') heard.trouble = event.error.data?.message ?? event.error.name;
  if (event.type === 'step_finish') {
    const { cost, tokens } = event.part;
    const { read, write } = tokens.cache ?? { read: 0, write: 0 };
    heard.turns += 1;
    heard.inputTokens += tokens.input + read + write;
    heard.cachedTokens += read;
    heard.outputTokens += tokens.output + tokens.reasoning;
    if (cost !== undefined) heard.usd = (heard.usd ?? 0) + cost;
  }
  return true;
};
