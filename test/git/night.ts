// A whole small session as the real functions write it, and ways to write into its ledger behind their back.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { eventPath, type LedgerEvent } from '../../src/domain/ledger.ts';
import type { ExperimentRecord, Verdict } from '../../src/domain/experiment.ts';
import { ledgerRef } from '../../src/domain/names.ts';
import { verify } from '../../src/domain/verify.ts';
import { appendEvent } from '../../src/git/event.ts';
import { git } from '../../src/git/git.ts';
import { openHomeClone } from '../../src/git/home-clone.ts';
import { readFacts } from '../../src/git/read-facts.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { treeOf } from '../../src/git/tree.ts';
import { newCandidate, newFolder, newRecord, newRepo, openEvent } from './sandbox.ts';

export const END: LedgerEvent = {
  version: 1,
  kind: 'end',
  at: '2025-11-24T06:00:00Z',
  status: 'done',
  reason: 'budget',
};
export const BASELINE: LedgerEvent = {
  version: 1,
  kind: 'baseline',
  at: '2025-11-23T20:00:01Z',
  commit: '',
  trials: [],
};

/** What becomes of the experiments of a night, in their order. */
const PLAN: readonly Verdict[] = ['keep', 'discard', 'crash', 'dropped', 'keep', 'discard'];

/** How a night differs from a good one. */
export interface NightOptions {
  readonly tag?: string;
  readonly ended?: boolean;
  readonly push?: 'all' | 'kept' | 'none';
  readonly parallel?: number;
  readonly skip?: readonly number[];
  /** What the record of an experiment says wrongly. */
  readonly lie?: Readonly<Record<number, Partial<ExperimentRecord>>>;
}

const written = new Map<string, ReturnType<typeof writeNight>>();

/** A night in a home clone: kept 1 and 5 (which stands on 1), discarded 2 and 6, crashed 3, dropped 4. */
export async function newNight(options: NightOptions = {}) {
  const key = JSON.stringify(options);
  const night = written.get(key) ?? writeNight(options);
  written.set(key, night);
  const { origin, clone, ...rest } = await night;
  // Written once, then copied: a second takes 70 processes, a copy none.
  const folder = await newFolder();
  const copy = { origin: join(folder, 'repo'), clone: join(folder, 'repos', 'repo-1.git') };
  await Promise.all([cp(origin, copy.origin, { recursive: true }), cp(clone, copy.clone, { recursive: true })]);
  return { ...rest, ...copy, repos: join(folder, 'repos') };
}

async function writeNight({ tag = 'night', ended = true, push, parallel, skip = [], lie = {} }: NightOptions) {
  const origin = await newRepo();
  const clone = await openHomeClone({ repos: join(await newFolder(), 'repos'), origin });
  const base = await git(origin, ['rev-parse', 'HEAD']);
  const opening = openEvent(base, tag);
  const input = { ...(push !== undefined && { push }), ...(parallel !== undefined && { parallel }) };
  await appendEvent({ clone, tag, index: 0, event: { ...opening, ...(opening.kind === 'open' ? { input } : {}) } });
  await appendEvent({ clone, tag, index: 1, event: { ...BASELINE, commit: base } as LedgerEvent });
  const candidates: Record<number, string> = {};
  let tip = base;
  for (const [k, verdict] of PLAN.entries()) {
    const experiment = k + 1;
    if (skip.includes(experiment)) continue;
    const candidate = verdict === 'dropped' ? null : await newCandidate(clone, tip, `0.00${experiment + 1}`);
    const tree = candidate === null ? null : await treeOf(clone, candidate);
    const record = { ...newRecord(experiment, { verdict, base: tip, candidate, tree }), ...lie[experiment] };
    const keep = { expectedTip: tip, newTip: candidate ?? '' };
    await closeExperiment({ clone, tag, record, ...(verdict === 'keep' ? { keep } : {}) });
    if (candidate !== null) candidates[experiment] = candidate;
    if (verdict === 'keep') tip = candidate ?? tip;
  }
  if (ended) await appendEvent({ clone, tag, index: 2, event: END });
  return { origin, clone, base, tag, tip, candidates };
}

/** A file's text, or another entry: null removes it, `{ mode, object }` is put as it is. */
type Entry = string | null | { readonly mode: string; readonly object: string };

/** Writes into a ledger as nobody may; `onto` are the commits to follow (none: a new chain of these files alone). */
export async function tamper(
  clone: string,
  tag: string,
  files: Readonly<Record<string, Entry>>,
  onto: readonly string[] = [ledgerRef(tag)],
): Promise<string> {
  const env = { GIT_INDEX_FILE: join(await newFolder(), 'index') };
  if (onto[0] !== undefined) await git(clone, ['read-tree', onto[0]], { env });
  let lines = '';
  for (const [path, entry] of Object.entries(files)) {
    const put = typeof entry === 'string' ? { mode: '100644', object: await writeBlob(clone, entry) } : entry;
    lines += `${put === null ? `0 ${'0'.repeat(40)}` : `${put.mode} ${put.object}`}\t${path}\n`;
  }
  await git(clone, ['update-index', '--index-info'], { env, input: lines });
  const tree = await git(clone, ['write-tree'], { env });
  const parents = onto.flatMap((parent) => ['-p', parent]);
  const commit = await git(clone, ['commit-tree', ...parents, '-m', 'tamper', tree]);
  await git(clone, ['update-ref', ledgerRef(tag), commit]);
  return commit;
}

/** Writes bytes as an object. */
export const writeBlob = (clone: string, bytes: string | Uint8Array): Promise<string> =>
  git(clone, ['hash-object', '-w', '--stdin'], { input: bytes });

/** The path of the opening. */
export const OPENING = eventPath(0, 'open');

/** Everything that `verify` says is wrong, as sentences. */
export async function problemsIn(directory: string, tag = 'night'): Promise<readonly string[]> {
  return verify(await readFacts(directory, tag)).findings.map(({ problem }) => problem);
}
