// An answer as it comes, event by event. A tool's input is read only once all of it is there, and stays the text that came
// where that is no JSON: it was paid for, and whoever asked can say what is wrong with it.
import type { ContentBlock, Message, RawMessageStreamEvent, Usage } from '@anthropic-ai/sdk/resources/messages';
import { tokensOf } from './tokens.ts';

/** An answer that is on its way. */
export interface Gathering {
  readonly add: (event: RawMessageStreamEvent) => void;
  /** All of it; undefined until the API says that it has ended. */
  readonly whole: () => Message | undefined;
  /** What it took so far, by the API's word and by what came; undefined before it began. */
  readonly usage: () => Usage | undefined;
}

type Delta = Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta'];
type Ending = Extract<RawMessageStreamEvent, { type: 'message_delta' }>;

/** Begins with nothing. */
export function gatherAnswer(): Gathering {
  let answer: Message | undefined;
  let isWhole = false;
  let letters = 0;
  const inputs = new Map<number, string>();
  const add = (event: RawMessageStreamEvent): void => {
    if (event.type === 'message_start') answer = { ...event.message, content: [] };
    if (answer === undefined) return;
    const { content } = answer;
    switch (event.type) {
      case 'content_block_start':
        content[event.index] = event.content_block;
        break;
      case 'content_block_delta': {
        const { index, delta } = event;
        letters += textOf(delta).length;
        if (delta.type === 'input_json_delta') inputs.set(index, (inputs.get(index) ?? '') + delta.partial_json);
        else replace(content, index, (block) => grown(block, delta));
        break;
      }
      case 'content_block_stop':
        replace(content, event.index, (block) => withInput(block, inputs.get(event.index) ?? ''));
        break;
      case 'message_delta':
        answer = ended(answer, event);
        break;
      case 'message_stop':
        isWhole = true;
        break;
      default:
    }
  };
  return {
    add,
    whole: () => (isWhole ? answer : undefined),
    // Until it ends the API counts nothing of what it says.
    usage: () => answer && { ...answer.usage, output_tokens: Math.max(answer.usage.output_tokens, tokensOf(letters)) },
  };
}

function replace(content: ContentBlock[], index: number, by: (block: ContentBlock) => ContentBlock): void {
  const block = content[index];
  if (block !== undefined) content[index] = by(block);
}

const textOf = (delta: Delta): string => {
  switch (delta.type) {
    case 'text_delta':
      return delta.text;
    case 'thinking_delta':
      return delta.thinking;
    case 'input_json_delta':
      return delta.partial_json;
    default:
      return '';
  }
};

/** What nobody asked for stays as it is. */
function grown(block: ContentBlock, delta: Delta): ContentBlock {
  if (block.type === 'text' && delta.type === 'text_delta') return { ...block, text: block.text + delta.text };
  if (block.type !== 'thinking') return block;
  if (delta.type === 'thinking_delta') return { ...block, thinking: block.thinking + delta.thinking };
  return delta.type === 'signature_delta' ? { ...block, signature: delta.signature } : block;
}

function withInput(block: ContentBlock, text: string): ContentBlock {
  return block.type === 'tool_use' && text !== '' ? { ...block, input: jsonOr(text) } : block;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Counts are of the whole answer; those that do not change are left out. */
function ended(answer: Message, { delta, usage }: Ending): Message {
  const before = answer.usage;
  return {
    ...answer,
    stop_reason: delta.stop_reason,
    stop_sequence: delta.stop_sequence,
    usage: {
      ...before,
      output_tokens: usage.output_tokens,
      input_tokens: usage.input_tokens ?? before.input_tokens,
      cache_read_input_tokens: usage.cache_read_input_tokens ?? before.cache_read_input_tokens,
      cache_creation_input_tokens: usage.cache_creation_input_tokens ?? before.cache_creation_input_tokens,
    },
  };
}
