// What people tell the proposer: it stands in every prompt until it is withdrawn.
import { setHandler } from '@temporalio/workflow';
import type { z } from 'zod';
import { InvalidInput, parse } from '../src/domain/invalid-input.ts';
import { hintSchema, hintUpdate, type Acknowledged } from './messages.ts';
import type { SessionState } from './state.ts';

/** They are carried from run to run, and read by a model each time. */
const MOST_HINTS = 20;

/** Registers the update `hint`. */
export function registerHint(state: SessionState, once: (act: () => void) => Acknowledged): void {
  setHandler(hintUpdate, (options) => once(() => takeHint(state, options)), {
    validator: (options: unknown) => needHint(state, options),
    description: 'Tell the proposer something, {"text": "…"}, or withdraw a hint, {"withdraw": 2}',
  });
}

/** One that is withdrawn leaves its place empty: the others keep their numbers. */
function takeHint(state: SessionState, { text, withdraw }: z.input<typeof hintSchema>): void {
  const kept = state.hints.map((one, k) => (k + 1 === withdraw ? null : one));
  state.hints = text === undefined ? kept : [...kept, text.trim()];
}

function needHint({ hints }: SessionState, options: unknown): void {
  const { withdraw } = parse(hintSchema, options ?? {}, 'hint');
  const standing = hints.flatMap((one, k) => (one === null ? [] : [k + 1]));
  if (withdraw === undefined && standing.length >= MOST_HINTS)
    throw new InvalidInput(`Expected at most ${MOST_HINTS} hints at a time, got one more; withdraw another first.`);
  if (withdraw === undefined || standing.includes(withdraw)) return;
  const there = standing.length === 0 ? 'there is none' : `that is ${standing.join(', ')}`;
  throw new InvalidInput(`Expected the number of a hint that stands (${there}), got ${withdraw}.`);
}
