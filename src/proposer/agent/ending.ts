// How an agent ended: with its work, whatever that is; or because the world was not ready for it, which says nothing of
// the idea. Only what failed is looked at: in what an agent reads and says, any of these words may stand.
import type { Exit } from '../../trainer/trial-spec.ts';
import type { Output } from './output/hear.ts';

/** `absent`: there is no such program. `login`: only a person can mend it. `limit`: asking again later helps. */
export type Ending =
  | { readonly kind: 'worked' }
  | { readonly kind: 'absent' | 'login' | 'limit'; readonly words: string };

const STATUS = String.raw`(?:http|status|error|code)\W{0,3}(?:code\W{1,3})?`;
const LIMITS = String.raw`too many requests|rate.?limit|overloaded|(?:usage|session|weekly|hour) limit|hit your .{0,20}limit|quota|resource.?exhausted|at capacity`;
const AWAY = String.raw`ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|connection (?:error|refused|reset)`;
const LIMIT = new RegExp(`${STATUS}(?:429|500|502|503|529)\\b|${LIMITS}|${AWAY}`, 'i');
const KEYS = String.raw`invalid (?:x-)?api.?key|api.?key (?:is )?(?:not|missing|invalid|required)|(?:no|missing) api.?key|auth method`;
const LOGINS = String.raw`unauthori[sz]ed|authenticat|not logged in|(?:please|must) (?:run )?\/?log ?in|credit balance|token (?:has )?(?:expired|been (?:revoked|invalidated))`;
const LOGIN = new RegExp(`${STATUS}(?:401|403)\\b|${KEYS}|${LOGINS}`, 'i');
/** What bash says. */
const ABSENT = 127;
const UNSTARTABLE = 126;

const LAST_LINES = 20;
const MOST_WORDS = 300;

/** Tells them apart. */
export function endingOf(exit: Exit, output: Output): Ending {
  const isFailure = output.trouble !== null || (exit.reason === 'exited' && exit.code !== 0);
  if (!isFailure) return { kind: 'worked' };
  const lines = output.words.split('\n').filter((line) => line.trim() !== '');
  const last = lines.slice(-LAST_LINES).join('\n');
  if (exit.code === ABSENT || exit.code === UNSTARTABLE)
    return { kind: 'absent', words: inOneLine(lines.at(-1) ?? '') };
  const text = output.trouble ?? last;
  const kind = LOGIN.test(text) ? 'login' : LIMIT.test(text) ? 'limit' : undefined;
  if (kind === undefined) return { kind: 'worked' };
  const pattern = kind === 'login' ? LOGIN : LIMIT;
  return { kind, words: inOneLine(text.split('\n').findLast((line) => pattern.test(line)) ?? text) };
}

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_WORDS);

/** How an agent that changed nothing ended, as the end of a sentence. */
export function withoutChange(exit: Exit, { trouble, words }: Output, seconds: number): string {
  const last = trouble ?? words.split('\n').findLast((line) => line.trim() !== '') ?? '';
  const said = last === '' ? '' : `: ${last.trim().slice(0, MOST_WORDS)}`;
  if (exit.reason === 'deadline') return `did not end within ${seconds} s, and had changed nothing`;
  if (exit.reason !== 'exited') return `took too much of this machine (${exit.reason}) and was ended`;
  if (exit.code !== 0)
    return `${exit.code === null ? `was ended by ${exit.signal ?? 'a signal'}` : `exited with code ${exit.code}`} and had changed nothing${said}`;
  return `changed nothing${said}`;
}
