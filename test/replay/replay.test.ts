// Replays every kept history with the workflow code of today: what a worker of this version does with a session that
// began under an earlier one. Needs no server.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { HISTORIES, parseHistory, readable } from './history.ts';
import { PLAYS } from './plays.ts';

const FILES = readdirSync(HISTORIES).toSorted();
const textOf = (file: string): string => readFileSync(join(HISTORIES, file), 'utf8');
const playOf = (file: string): string => file.replace(/(-run-\d+)?\.json$/, '');

it('keeps a history of every play', () => {
  expect(new Set(FILES.map(playOf))).toEqual(new Set(Object.keys(PLAYS)));
});

describe('today’s workflow does what it did', () => {
  const results = new Map<string, Error | undefined>();
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const histories = FILES.map((file) => ({ workflowId: playOf(file), history: parseHistory(textOf(file)) }));
    const workflowBundle = { codePath: inject('workflowBundlePath') };
    // The results come in the order of the histories.
    const files = FILES.values();
    for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
      results.set(files.next().value ?? '', error);
    }
  });

  it.each(FILES)('in %s', (file) => {
    expect(results.has(file)).toBe(true);
    expect(results.get(file)).toBeUndefined();
  });
});

it.each(FILES)('%s says nothing of the machine that recorded it', (file) => {
  const text = readable(textOf(file));
  expect(text).not.toMatch(/"(identity|stackTrace)"/);
  expect(text).not.toMatch(/\d@/); // process@host
  expect(text).not.toMatch(/(?<![\w.:@/-])\/(?!repo\b)[\w.-]/); // a path other than /repo
  expect(text.length).toBeLessThan(150_000);
});
