// How long a person waits for the import of a long log: the built command, from its start to its end, with the home clone
// made already, as it is after the first command on a repo.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { buildPackage } from './built-package.ts';
import { closing } from './closing.ts';
import { inHome } from './environment.ts';
import { seconds } from './figures.ts';
import { atMost, type Bench, type Part } from './part.ts';
import { createProject } from './project.ts';
import { median } from './statistics.ts';

const LINES = 10_000;
const CALLS = 5;
const BOUND_SECONDS = 2;

/** Logs of so many lines; each call gets another, because one that is known is not written again. */
const LOGS = {
  'results.tsv of karpathy/autoresearch': (call: number) =>
    `commit\tval_bpb\tmemory_gb\tstatus\tdescription\n${lines((k) => `${commit(k)}\t0.${100_000 + k}\t44.0\tdiscard\tidea ${call}.${k}\n`)}`,
  'log.jsonl of pi-autoresearch': (call: number) =>
    `{"type":"config","name":"n","metricName":"total_ms","metricUnit":"ms","bestDirection":"lower"}\n${lines((k) => `${JSON.stringify({ run: k + 1, commit: commit(k), metric: k, metrics: { compile_ms: k }, status: 'discard', description: `idea ${call}.${k}`, timestamp: k, segment: 0, confidence: null, asi: { hypothesis: 'it may be faster' } })}\n`)}`,
} as const;

const lines = (line: (k: number) => string): string => Array.from({ length: LINES }, (_none, k) => line(k)).join('');
/** No commit of the repo: all of them are looked for in vain. */
const commit = (k: number): string => (0xf00_0000 + k * 7).toString(16);

/** The import of a long log. */
export const importPart: Part = {
  name: 'import',
  about: `how long the import of a log of ${LINES} lines takes`,
  measure: async (bench) => {
    const measured = await bench.piece(`${CALLS} calls`, z.record(z.string(), z.array(z.number())), () =>
      measure(bench),
    );
    return Object.entries(measured).map(([name, taken]) =>
      atMost(`import of ${LINES} lines, ${name} (median of ${taken.length})`, median(taken), BOUND_SECONDS, seconds),
    );
  },
};

async function measure(bench: Bench): Promise<Record<string, number[]>> {
  const root = await bench.during('building', buildPackage);
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-bench-import-'));
  const remove = closing(async () => rmSync(folder, { recursive: true, force: true }));
  try {
    const repo = join(folder, 'project');
    await createProject('small', repo);
    const home = join(folder, 'home');
    mkdirSync(home);
    const env = await inHome(home);
    const log = join(folder, 'log');
    const timeOf = async (text: string): Promise<number> => {
      writeFileSync(log, text);
      const startedAt = performance.now();
      await execa('node', [join(root.path, 'bin', 'autoresearch.js'), 'import', log, repo], { env, extendEnv: false });
      return (performance.now() - startedAt) / 1000;
    };
    const measured: Record<string, number[]> = {};
    for (const [name, textOf] of Object.entries(LOGS)) {
      await timeOf(textOf(0)); // makes the home clone, and brings the files into the page cache
      const taken: number[] = [];
      for (let call = 1; call <= CALLS; call++) taken.push(await timeOf(textOf(call)));
      measured[name] = taken;
    }
    return measured;
  } finally {
    await remove();
    await root.remove();
  }
}
