// `npm run bench [-- <part>…]`: measures what README and issues promise, and prints one table. Ends with 1 when a bound
// is missed, 2 when the options cannot be used. Words go to stderr, the table to stdout.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { askPart } from './ask.ts';
import { claimsPart } from './claims.ts';
import { bringPart } from './bring.ts';
import { byteLmPart } from './byte-lm.ts';
import { byteLmRandomPart } from './byte-lm-random.ts';
import { cleanEnvironment } from './environment.ts';
import { idlePart } from './idle.ts';
import { importPart } from './import.ts';
import { lanesPart } from './lanes.ts';
import { longPart } from './long.ts';
import { memoryPart } from './memory.ts';
import { noOpsPart } from './no-ops.ts';
import { nightsPart } from './nights.ts';
import { orchestrationPart } from './orchestration.ts';
import type { Options, Part, Row } from './part.ts';
import { promptPart } from './prompt.ts';
import { recoveryPart } from './recovery.ts';
import { readResults, type Results } from './results.ts';
import { runPart } from './run-part.ts';
import { hybridPart } from './simulated-hybrid.ts';
import { searchPart } from './simulated-search.ts';
import { sandboxPart } from './sandbox.ts';
import { slowProposerPart } from './slow-proposer.ts';
import { startPart } from './start.ts';

// `start` is the first: the others put the Temporal server on this process's PATH, and it has to fetch it.
const PARTS: readonly Part[] = [
  startPart,
  orchestrationPart,
  sandboxPart,
  idlePart,
  slowProposerPart,
  lanesPart,
  askPart,
  importPart,
  bringPart,
  memoryPart,
  recoveryPart,
  searchPart,
  promptPart,
  hybridPart,
  nightsPart,
  longPart,
  byteLmPart,
  byteLmRandomPart,
  noOpsPart,
  claimsPart,
];

const USAGE = `Usage: npm run bench [-- <part>… --resume --show --full --seeds 1..10 --trial-seconds 6 --experiments 60]

  --resume           keep the pieces that an earlier run measured
  --show             measure nothing, print what is kept of all parts (or of those named)
  --full             ten fresh starts instead of one
  --seeds            session seeds: 1..10, or 1,4,7
  --trial-seconds, --experiments    instead of what the part says

Without names all quick parts run:
${PARTS.map(({ name, about, slow }) => `  ${name.padEnd(16)} ${about}${slow === true ? ' (slow: only by name)' : ''}`).join('\n')}
`;

/** A mistake on the command line. */
class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

function readCommandLine() {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      resume: flag,
      show: flag,
      full: flag,
      help: flag,
      seeds: text,
      'trial-seconds': text,
      experiments: text,
    },
  });
  const unknown = positionals.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) throw new BadUsage(`Expected names of parts, got ${unknown.join(', ')}.`);
  const number = (name: 'trial-seconds' | 'experiments', least: number): number | undefined => {
    if (values[name] === undefined) return undefined;
    const value = Number(values[name]);
    if (value >= least) return value;
    throw new BadUsage(`Expected \`--${name}\` to be a number of at least ${least}, got ${values[name]}.`);
  };
  const options: Options = {
    full: values.full,
    seeds: values.seeds === undefined ? undefined : readSeeds(values.seeds),
    trialSeconds: number('trial-seconds', 0.1),
    experiments: number('experiments', 1),
  };
  const wanted = positionals.length > 0 ? positionals : undefined;
  return { ...values, options, wanted };
}

function readSeeds(text: string): number[] {
  const [from, to] = text.split('..').map(Number);
  const seeds =
    from !== undefined && to !== undefined
      ? Array.from({ length: to - from + 1 }, (_, index) => from + index)
      : text.split(',').map(Number);
  const read = z.array(z.int().min(0)).min(1).safeParse(seeds);
  if (read.success) return read.data;
  throw new BadUsage(`Expected \`--seeds\` to be like 1..10 or 1,4,7, got ${text}.`);
}

/** The table that people paste: one line for each number. */
function table(rows: readonly Row[]): string {
  const lines = rows.map(({ number, measured, bound, ok }) => [
    number,
    measured,
    bound,
    ok === null ? '' : ok ? 'yes' : 'NO',
  ]);
  const head = ['number', 'measured', 'bound', 'ok'];
  const widths = head.map((name, column) => Math.max(name.length, ...lines.map((line) => line[column]?.length ?? 0)));
  const draw = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [draw(head), draw(widths.map((width) => '-'.repeat(width))), ...lines.map(draw)].join('\n');
}

function print(all: readonly Results[]): boolean {
  for (const machine of new Set(all.map((results) => results.machine))) process.stdout.write(`${machine}\n`);
  const rows = all.flatMap((results) => results.rows);
  process.stdout.write(`${table(rows)}\n`);
  return rows.every(({ ok }) => ok !== false);
}

async function main(): Promise<number> {
  const { options, wanted, resume, show, help } = readCommandLine();
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (show) {
    const kept = PARTS.filter(({ name }) => wanted?.includes(name) ?? true).flatMap(
      ({ name }) => readResults(name) ?? [],
    );
    return print(kept) ? 0 : 1;
  }
  cleanEnvironment();
  const measured: Results[] = [];
  for (const part of PARTS.filter(({ name, slow }) => wanted?.includes(name) ?? slow !== true)) {
    measured.push(await runPart(part, options, resume));
  }
  return print(measured) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const usage =
    error instanceof BadUsage ||
    (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  if (!usage) throw error;
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
