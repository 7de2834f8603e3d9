// Gemini CLI, `--output-format stream-json`: messages in pieces, tools, and a `result` with the sums.
import { z } from 'zod';
import { count, inShort, type Dialect } from './heard.ts';

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('init'), model: z.string() }),
  z.object({
    type: z.literal('message'),
    role: z.enum(['user', 'assistant']),
    content: z.string(),
    delta: z.boolean().default(false),
  }),
  z.object({
    type: z.literal('tool_use'),
    tool_name: z.string(),
    parameters: z.record(z.string(), z.unknown()).default({}),
  }),
  z.object({ type: z.literal('tool_result'), tool_id: z.string() }),
  z.object({ type: z.literal('error'), severity: z.enum(['warning', 'error']), message: z.string() }),
  z.object({
    type: z.literal('result'),
    status: z.enum(['success', 'error']),
    error: z.object({ message: z.string() }).optional(),
    stats: z.object({ input_tokens: count, output_tokens: count, cached: count }).optional(),
  }),
]);

/** Listens to one run: a message ends where a tool is used or another begins. */
export function listenToGemini(): Dialect {
  let isWhole = true;
  return (json, heard) => {
    const { data: event } = eventSchema.safeParse(json);
    if (event === undefined) return false;
    if (event.type === 'message' && event.role === 'assistant') {
      if (isWhole) heard.turns += 1;
      heard.said = isWhole || !event.delta ? event.content : heard.said + event.content;
      isWhole = !event.delta;
    } else isWhole = true;
    if (event.type === 'init') heard.model = event.model;
    if (event.type === 'tool_use')
      heard.doing = inShort(event.tool_name, event.parameters['file_path'] ?? event.parameters['command']);
    if (event.type === 'error' && event.severity === 'error') heard.trouble = event.message;
    if (event.type === 'result') {
      heard.trouble = event.status === 'success' ? null : (event.error?.message ?? heard.trouble ?? 'an error');
      heard.inputTokens = event.stats?.input_tokens ?? heard.inputTokens;
      heard.cachedTokens = event.stats?.cached ?? heard.cachedTokens;
      heard.outputTokens = event.stats?.output_tokens ?? heard.outputTokens;
    }
    return true;
  };
}
