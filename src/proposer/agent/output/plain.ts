// Words for people: of any script, and of Aider, which says in them what it took.
import { inShort, type Heard } from './heard.ts';

const AMOUNT = String.raw`([\d.,]+[kM]?)`;
const TOKENS = new RegExp(
  `^\\W*Tokens: ${AMOUNT} sent(?:, ${AMOUNT} cache write)?(?:, ${AMOUNT} cache hit)?, ${AMOUNT} received`,
);
const COST = /Cost: \$[\d.]+ message, \$([\d.]+) session/;
const MODEL = /^\W*(?:Main )?[Mm]odel: (\S+)/;
/** A longer line is data, not words. */
const LONGEST = 400;

/** Notes one line. */
export function hearPlain(line: string, heard: Heard): void {
  const words = line.trim();
  if (words === '') return;
  const [, sent, , hit, received] = TOKENS.exec(words) ?? [];
  if (sent !== undefined) {
    heard.turns += 1;
    heard.inputTokens += amountOf(sent);
    heard.cachedTokens += amountOf(hit);
    heard.outputTokens += amountOf(received);
  }
  const cost = Number(COST.exec(words)?.[1] ?? Number.NaN);
  if (!Number.isNaN(cost)) heard.usd = cost; // the sum so far
  heard.model ??= MODEL.exec(words)?.[1];
  if (words.length <= LONGEST) heard.doing = inShort(words);
}

/** `12k`, `1.2k`, `1,234`: rounded, as they are said. */
function amountOf(text = '0'): number {
  const number = Number(text.replaceAll(',', '').replace(/[kM]$/, ''));
  const factor = text.endsWith('k') ? 1000 : text.endsWith('M') ? 1_000_000 : 1;
  return Number.isFinite(number) ? Math.round(number * factor) : 0;
}
