// What the sandbox costs a trial: the command of a training that does nothing, started and ended with it and without it,
// in turn.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startCommand } from '../src/trainer/command.ts';
import { sandboxCommand } from '../src/trainer/sandbox.ts';
import { sandboxHere } from '../src/trainer/sandbox-probe.ts';
import { milliseconds } from './figures.ts';
import { atMost, told, type Part } from './part.ts';
import { quantile } from './statistics.ts';

const PAIRS = 40;
const BOUND_MS = 100;

const measuredSchema = z.object({ kind: z.string(), withMs: z.array(z.number()), withoutMs: z.array(z.number()) });
type Measured = z.output<typeof measuredSchema>;

/** The sandbox's cost at the start of a training. */
export const sandboxPart: Part = {
  name: 'sandbox',
  about: 'what the sandbox costs a trial',
  measure: async (bench) => {
    const { kind, withMs, withoutMs } = await bench.piece(`${PAIRS} pairs`, measuredSchema, measure);
    const cost = (q: number): number => quantile(withMs, q) - quantile(withoutMs, 0.5);
    return [
      atMost(`sandbox (${kind}) per trial, p50 of ${PAIRS}`, cost(0.5), BOUND_MS, milliseconds),
      told(`sandbox (${kind}) per trial, p90 of ${PAIRS}`, milliseconds(cost(0.9))),
    ];
  },
};

async function measure(): Promise<Measured> {
  const maker = sandboxHere();
  const root = mkdtempSync(join(tmpdir(), 'autoresearch-bench-sandbox-'));
  try {
    const { PATH = '' } = process.env;
    const folders = ['tree', 'out', 'home', 'tmp', 'data'].map((name) => join(root, name));
    for (const folder of folders) mkdirSync(folder);
    const place = { env: { PATH }, device: { id: 'cpu' }, state: root, read: [], write: folders, hidden: [] };
    const [withMs, withoutMs]: [number[], number[]] = [[], []];
    for (let pair = 0; pair < PAIRS; pair++) {
      withoutMs.push(await timeOf(root, () => []));
      // Made anew for each trial: looking for interpreters on the PATH is part of it.
      withMs.push(await timeOf(root, () => sandboxCommand(maker, place)));
    }
    return { kind: maker.sandbox, withMs, withoutMs };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function timeOf(cwd: string, makeShield: () => readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const { PATH = '' } = process.env;
  const { end } = startCommand('true', { cwd, env: { PATH }, stdout: 2, stderr: 2, shield: makeShield() });
  const { code } = await end;
  if (code !== 0) throw new Error(`Expected the sandbox to run \`true\`, got code ${code}.`);
  return performance.now() - startedAt;
}
