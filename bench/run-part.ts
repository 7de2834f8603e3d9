// Runs one part: keeps each piece as soon as it is measured, and tells what takes long.
import { cpus, loadavg } from 'node:os';
import { codeVersion } from '../src/services/code-version.ts';
import { isEnding } from './closing.ts';
import type { Bench, Options, Part, Row } from './part.ts';
import { readResults, writeResults, type Piece, type Results } from './results.ts';

/** How long a person may see nothing move. */
const TICK_MS = 10_000;
/** What took longer than this is told. */
const WORTH_TELLING_MS = 2000;
/** In the table; all of it goes to stderr. */
const LONGEST_REASON = 80;

/** Measures a part, resuming where asked, and returns what is now kept of it. */
export async function runPart(part: Part, options: Options, resume: boolean): Promise<Results> {
  const known = resume ? readResults(part.name) : undefined;
  let results: Results = { part: part.name, machine: machine(), pieces: known?.pieces ?? {}, rows: [] };
  const keep = (measured: Results['pieces']): void => {
    // Another run may have measured other pieces meanwhile (other seeds, say).
    const others = resume ? readResults(part.name)?.pieces : {};
    results = { ...results, pieces: { ...others, ...results.pieces, ...measured } };
    writeResults(results);
  };
  const say = (text: string): void => void process.stderr.write(`${part.name}: ${text}\n`);
  const bench: Bench = {
    options,
    say,
    during: (what, act) => during(say, what, act),
    piece: async (key, schema, measure) => {
      const before = results.pieces[key];
      const kept = before === undefined ? undefined : schema.safeParse(before.value);
      if (before !== undefined && kept?.success === true) {
        say(`${key}: measured ${before.at}${before.code === codeVersion() ? '' : ` by other code (${before.code})`}`);
        return kept.data;
      }
      const load = loadavg()[0] ?? 0;
      const value = await measure();
      if (isEnding()) await new Promise(() => {}); // half a measurement is none
      const piece: Piece = { at: new Date().toISOString(), code: codeVersion(), load, value };
      keep({ [key]: piece });
      return value;
    },
  };
  const rows = await rowsOf(part, bench); // awaited first: meanwhile pieces come into `results`
  results = { ...results, rows };
  keep({});
  return results;
}

/** A part that fails is a row that is not ok: the others are still measured. */
async function rowsOf(part: Part, bench: Bench): Promise<Row[]> {
  try {
    return [...(await part.measure(bench))];
  } catch (error) {
    if (isEnding()) await new Promise(() => {}); // what was interrupted is no result
    const reason = error instanceof Error ? error.message : String(error);
    bench.say(error instanceof Error ? (error.stack ?? reason) : reason);
    return [
      {
        number: `${part.name} could not be measured`,
        measured: (reason.split('\n')[0] ?? '').slice(0, LONGEST_REASON),
        bound: '',
        ok: false,
      },
    ];
  }
}

async function during<T>(say: (text: string) => void, what: string, act: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  say(`${what} …`);
  const ticking = setInterval(() => say(`  … ${what}, ${seconds()}`), TICK_MS);
  try {
    const value = await act();
    if (performance.now() - startedAt > WORTH_TELLING_MS) say(`${what}: done in ${seconds()}`);
    return value;
  } finally {
    clearInterval(ticking);
  }
}

/** What the numbers were measured on. */
function machine(): string {
  const all = cpus();
  return `${all.length} × ${(all[0]?.model ?? 'unknown').trim()}, Node ${process.versions.node}, ${process.platform}`;
}
