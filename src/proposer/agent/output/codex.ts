// Codex, `exec --json`: items as they start and end, and a turn that ends with what it took.
import { z } from 'zod';
import { count, inShort, type Dialect } from './heard.ts';

const item = z.object({
  type: z.string(),
  text: z.string().optional(),
  command: z.string().optional(),
  changes: z.array(z.object({ path: z.string() })).optional(),
});

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started') }),
  z.object({ type: z.literal('turn.started') }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({ input_tokens: count, cached_input_tokens: count, output_tokens: count }),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) }),
  z.object({ type: z.literal('item.started'), item }),
  z.object({ type: z.literal('item.updated'), item }),
  z.object({ type: z.literal('item.completed'), item }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);

/** Notes an event; a turn that ends well takes back what went wrong on the way. */
export const codex: Dialect = (json, heard) => {
  const { data: event } = eventSchema.safeParse(json);
  if (event === undefined) return false;
  if (event.type === 'turn.completed') {
    const { input_tokens: read, cached_input_tokens: cached, output_tokens: written } = event.usage;
    heard.turns += 1;
    heard.inputTokens += read;
    heard.cachedTokens += cached;
    heard.outputTokens += written;
    heard.trouble = null;
  }
  if (event.type === 'turn.failed') heard.trouble = event.error.message;
  if (event.type === 'error') heard.trouble = event.message;
  if ('item' in event) {
    const { type, text, command, changes } = event.item;
    if (type === 'agent_message' && text !== undefined) heard.said = text;
    else if (command !== undefined || changes !== undefined)
      heard.doing = inShort(type.replaceAll('_', ' '), command ?? changes?.[0]?.path);
  }
  return true;
};
