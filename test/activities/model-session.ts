// Sessions of the proposer `anthropic` on a real repo, asking a Messages API on loopback through the real SDK.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { startMessagesApi, type Asked, type MessagesApi, type Reply } from '../support/messages-api.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

/** Of the API. */
export const KEY = 'sk-ant-a-key-that-nobody-may-see';
let api: MessagesApi | undefined;
afterEach(() => api?.close());

/** What the API was asked. */
export const asked = (): readonly Asked[] => api?.asked ?? [];

/** An answer that replaces one passage of `train.py`. */
export const edit = (search: string, replace: string, more: object = {}) => ({
  propose: {
    hypothesis: 'a higher rate',
    kind: 'scalar',
    expected_gain: 0.2,
    edits: [{ file: 'train.py', search, replace }],
    ...more,
  },
});
/** One that can be used. */
export const HIGHER = edit('LEARNING_RATE = 0.1', 'LEARNING_RATE = 0.3');

/** A session whose model answers so; `ask` has it propose experiment 1. */
export async function opened(
  answer: (nth: number) => Reply,
  more: object = {},
  task = taskFile('echo METRIC loss=1'),
  code: Record<string, string> = {},
) {
  api = await startMessagesApi((_asked, nth) => answer(nth));
  const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url };
  const files = { 'autoresearch.yaml': `${task}instructions: make it learn faster\n`, ...code };
  const workshop = await createWorkshop(
    files,
    createReadCode(() => {}),
    env,
  );
  const input = { proposer: 'anthropic', model: 'claude-sonnet-5-5', ...more } as const;
  const contract = await workshop.open({ session: 'night', input, at: AT });
  const request = { contract, base: contract.base, proposer: 'anthropic', rebase: false, at: AT } as const;
  const choice = { model: 'claude-sonnet-5-5' };
  const askFor = (experiment: number, wanted: object = {}) =>
    workshop.propose({ ...request, experiment, choice, hints: ['be bold'], ...wanted });
  return { ...workshop, contract, askFor, ask: () => askFor(1) };
}

/** All that stands in the files below a folder. */
export const everythingIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
