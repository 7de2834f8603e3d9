// A Messages API on loopback that answers as a test says: streams, tools, errors, and streams that break off.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One question as it came. */
export interface Asked {
  readonly headers: IncomingMessage['headers'];
  readonly body: {
    readonly model: string;
    readonly max_tokens: number;
    readonly system: readonly { readonly text: string }[];
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
    readonly tools: readonly { readonly name: string; readonly input_schema: object }[];
    readonly output_config?: { readonly effort: string };
  };
}

/** What to answer. */
export type Reply =
  /** A call of `propose` with this input, or with this text where the input should be; or of another tool. */
  | { readonly judge: unknown; readonly breakOff?: true }
  | { readonly propose: unknown; readonly stop?: string; readonly breakOff?: true; readonly afterMs?: number }
  | { readonly rawInput: string }
  | { readonly text: string; readonly stop?: string }
  /** Accepts the question, and says nothing: at all, or after the answer has begun. */
  | { readonly silent: 'at all' | 'within' }
  | { readonly status: number; readonly message?: string; readonly headers?: Readonly<Record<string, string>> };

/** A running API. */
export interface MessagesApi {
  readonly url: string;
  readonly asked: Asked[];
  readonly close: () => Promise<void>;
}

const USAGE = { input_tokens: 1000, cache_read_input_tokens: 200, cache_creation_input_tokens: 100, output_tokens: 50 };

/** Starts it; `answer` is told the question and how many came before it. */
export async function startMessagesApi(answer: (asked: Asked, before: number) => Reply): Promise<MessagesApi> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const question: Asked = { headers: request.headers, body: JSON.parse(text) as Asked['body'] };
      asked.push(question);
      await send(answer(question, asked.length - 1), response, usageOf(text));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What is written into the cache is priced by how long it stays there. */
const usageOf = (question: string): object => {
  const [forHour, short] = question.includes('"ttl":"1h"') ? [100, 0] : [0, 100];
  return { ...USAGE, cache_creation: { ephemeral_1h_input_tokens: forHour, ephemeral_5m_input_tokens: short } };
};

async function send(reply: Reply, response: ServerResponse, usage: object): Promise<void> {
  if ('status' in reply) {
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(JSON.stringify({ type: 'error', error: { type: 'an_error', message: reply.message ?? 'no' } }));
    return;
  }
  if ('silent' in reply && reply.silent === 'at all') return;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (type: string, more: object = {}): void =>
    void response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
  const message = { id: 'msg', type: 'message', role: 'assistant', model: 'a-model', content: [], stop_reason: null };
  event('message_start', { message: { ...message, stop_sequence: null, usage: { ...usage, output_tokens: 1 } } });
  if ('silent' in reply) return;
  if ('text' in reply) {
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: reply.text } });
  } else {
    const name = 'judge' in reply ? 'judge' : 'propose';
    const said = 'judge' in reply ? reply.judge : 'propose' in reply ? reply.propose : {};
    const input = 'rawInput' in reply ? reply.rawInput : JSON.stringify(said);
    event('content_block_start', {
      index: 0,
      content_block: { type: 'tool_use', id: 'call', name, input: {} },
    });
    const half = Math.ceil(input.length / 2);
    event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: input.slice(0, half) } });
    if ('afterMs' in reply) await sleep(reply.afterMs);
    if ('breakOff' in reply) {
      await sleep(100); // what was said is to arrive
      response.destroy();
      return;
    }
    event('content_block_delta', { index: 0, delta: { type: 'input_json_delta', partial_json: input.slice(half) } });
  }
  event('content_block_stop', { index: 0 });
  const stop = 'stop' in reply ? reply.stop : undefined;
  const delta = { stop_reason: stop ?? ('text' in reply ? 'end_turn' : 'tool_use'), stop_sequence: null };
  event('message_delta', { delta, usage: USAGE });
  event('message_stop');
  response.end();
}
