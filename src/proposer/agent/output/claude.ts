// Claude Code, `--output-format stream-json`: one JSON object a line, the last of them a `result` with the sums.
import { z } from 'zod';
import { count, inShort, type Dialect, type Heard } from './heard.ts';

const usageSchema = z.object({
  input_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  output_tokens: count,
});

const block = z.object({
  type: z.string(),
  text: z.string().optional(),
  name: z.string().optional(),
  input: z.record(z.string(), z.unknown()).optional(),
});

const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('system'), subtype: z.string(), model: z.string().optional() }),
  z.object({
    type: z.literal('assistant'),
    message: z.object({ id: z.string().optional(), content: z.array(block), usage: usageSchema.optional() }),
  }),
  z.object({ type: z.literal('user'), message: z.unknown() }),
  z.object({
    type: z.literal('result'),
    subtype: z.string(),
    is_error: z.boolean().default(false),
    num_turns: count,
    result: z.string().optional(),
    total_cost_usd: z.number().optional(),
    usage: usageSchema.optional(),
  }),
]);

/** Listens to one run: messages that come in several parts count once. */
export function listenToClaude(): Dialect {
  const counted = new Set<string>();
  return (json, heard) => {
    const { data: event } = eventSchema.safeParse(json);
    if (event === undefined) return false;
    if (event.type === 'system') heard.model ??= event.model;
    if (event.type === 'assistant') {
      const { id = '', content, usage } = event.message;
      if (usage !== undefined && !counted.has(id)) {
        counted.add(id);
        heard.turns += 1;
        addUsage(heard, usage);
      }
      for (const { type, text, name, input } of content) {
        if (type === 'text' && text !== undefined) heard.said = text;
        if (type === 'tool_use') heard.doing = inShort(name, input?.['file_path'] ?? input?.['command']);
      }
    }
    if (event.type === 'result') sumUp(heard, event);
    return true;
  };
}

function addUsage(heard: Heard, usage: z.output<typeof usageSchema>): void {
  const { input_tokens: fresh, cache_creation_input_tokens: written, cache_read_input_tokens: cached } = usage;
  heard.inputTokens += fresh + written + cached;
  heard.cachedTokens += cached;
  heard.outputTokens += usage.output_tokens;
}

/** The sums stand for what the messages said one by one. */
function sumUp(heard: Heard, result: Extract<z.output<typeof eventSchema>, { type: 'result' }>): void {
  if (result.usage !== undefined) {
    Object.assign(heard, { inputTokens: 0, cachedTokens: 0, outputTokens: 0 });
    addUsage(heard, result.usage);
  }
  heard.turns = result.num_turns;
  heard.usd = result.total_cost_usd ?? heard.usd;
  heard.said = result.result ?? heard.said;
  heard.trouble = result.is_error || result.subtype !== 'success' ? (result.result ?? result.subtype) : null;
}
