// A kept history: the JSON of `temporal workflow show -o json`, one event on a line, without what only the machine that
// recorded it could say.
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';

/** Where the histories are kept. */
export const HISTORIES = join(import.meta.dirname, 'histories');

const historySchema = z.object({ events: z.array(z.looseObject({ eventType: z.string() })).min(1) });

/** Reads a kept history; throws where the text is none. */
export const parseHistory = (text: string): z.output<typeof historySchema> => historySchema.parse(JSON.parse(text));

/** The histories of a session's runs, the oldest first, as texts to keep. */
export async function historyTexts(client: Client, session: string, firstRunId: string): Promise<string[]> {
  const texts: string[] = [];
  let runId = firstRunId;
  while (runId !== '') {
    const history = await client.workflow.getHandle(session, runId).fetchHistory();
    texts.push(textOf(historyToJSON(history)));
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? '';
  }
  return texts;
}

function textOf(history: string): string {
  const lines = parseHistory(history).events.map((event) => JSON.stringify(event, withoutTheMachine));
  return `{"events":[\n${lines.join(',\n')}\n]}\n`;
}

/** Process and host, paths in stack traces, and the server's and the worker's own bookkeeping: no replay reads them. */
const OF_THE_MACHINE = new Set(['identity', 'stackTrace', 'requestId', 'taskId', 'workerVersion', 'meteringMetadata']);

function withoutTheMachine(key: string, value: unknown): unknown {
  if (OF_THE_MACHINE.has(key)) return undefined;
  return isStickyQueue(value) ? { ...value, name: 'sticky' } : value;
}

/** The queue of one worker process, named after its process and host. */
const isStickyQueue = (value: unknown): value is { readonly kind: string } =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'TASK_QUEUE_KIND_STICKY';

/** A kept history with its inputs and results in plain text, for people and checks. */
export const readable = (text: string): string =>
  text.replaceAll(/"data":"([A-Za-z0-9+/=]+)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
