// Real repos for the tests of src/git: an origin that a person works in, and a home clone of it.
import { mkdir, mkdtemp, rm, writeFile, chmod, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { taskSchema } from '../../src/domain/task.ts';
import { writeCandidate } from '../../src/git/candidate.ts';
import { appendEvent } from '../../src/git/event.ts';
import { git } from '../../src/git/git.ts';
import { commitOf, openHomeClone } from '../../src/git/home-clone.ts';

const made: string[] = [];
afterAll(async () => {
  await Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A fresh folder that goes with the test file. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'autoresearch-git-'));
  made.push(folder);
  return folder;
}

/** Files by path; `{ exec }` is executable, `{ link }` a symbolic link. */
export type Files = Record<string, string | { exec: string } | { link: string }>;

/** Writes files into a folder. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const full = join(folder, path);
    await mkdir(dirname(full), { recursive: true });
    if (typeof content === 'string') await writeFile(full, content);
    else if ('link' in content) await symlink(content.link, full);
    else {
      await writeFile(full, content.exec);
      await chmod(full, 0o755);
    }
  }
}

/** A person's repo with one commit of these files on `main`. */
export async function newRepo(files: Files = { 'train.py': 'LEARNING_RATE = 0.001\n' }): Promise<string> {
  const repo = join(await newFolder(), 'repo');
  await mkdir(repo);
  await git(repo, ['init', '--quiet', '--initial-branch=main']);
  await git(repo, ['config', 'core.autocrlf', 'false']);
  await commitFiles(repo, files);
  return repo;
}

/** Commits files as the person; returns the commit. */
export async function commitFiles(repo: string, files: Files): Promise<string> {
  await writeFiles(repo, files);
  await git(repo, ['add', '--all']);
  await git(repo, ['commit', '--quiet', '--allow-empty', '-m', 'work']);
  return git(repo, ['rev-parse', 'HEAD']);
}

/** A session's opening event. */
export function openEvent(base: string, tag = 'night'): LedgerEvent {
  return {
    version: 1,
    kind: 'open',
    session: tag,
    tag,
    at: '2025-11-23T20:00:00.000Z',
    input: {},
    task: taskSchema.parse({
      name: 'demo',
      editable: ['train.py'],
      train: { run: 'python3 train.py' },
      metric: { name: 'bpb' },
    }),
    taskPath: 'autoresearch.yaml',
    base,
    contract: 'c0ffee',
  };
}

/** An opened session `night` in a home clone of a new repo. */
export async function newSession(files?: Files) {
  const origin = await newRepo(files);
  const clone = await openHomeClone({ repos: join(await newFolder(), 'repos'), origin });
  const base = await git(origin, ['rev-parse', 'HEAD']);
  const opened = await appendEvent({ clone, tag: 'night', index: 0, event: openEvent(base) });
  if (opened.kind !== 'appended') throw new Error(opened.kind);
  return { origin, clone, base, tag: 'night', opened: opened.ledger };
}

/** A candidate that sets the learning rate. */
export async function newCandidate(clone: string, base: string, value: string) {
  const written = await writeCandidate({
    clone,
    base,
    files: { 'train.py': `LEARNING_RATE = ${value}\n` },
    hypothesis: `LEARNING_RATE 0.001 -> ${value}`,
    proposer: 'search',
    edit: [{ op: 'set', file: 'train.py', name: 'LEARNING_RATE', value }],
    at: '2025-11-23T20:01:00.000Z',
  });
  if (written.kind === 'unchanged') throw new Error('unchanged');
  return written.commit;
}

/** The record of an experiment. */
export function newRecord(experiment: number, changes: Partial<ExperimentRecord> = {}): ExperimentRecord {
  const minutes = new Date(Date.UTC(2025, 10, 23, 20, experiment)).toISOString();
  return {
    version: 1,
    experiment,
    verdict: 'discard',
    reason: 'no better',
    hypothesis: `idea ${experiment}`,
    proposer: 'search',
    base: '0'.repeat(40),
    candidate: null,
    tree: null,
    edit: [],
    trials: [],
    value: 2.5,
    gain: -0.1,
    noise: 0.01,
    incumbent: { commit: '0'.repeat(40), value: 2.4 },
    rule: 'greedy',
    startedAt: minutes,
    endedAt: minutes,
    ...changes,
  };
}

/** Every ref of a repo with its commit: what must be equal after a second run. */
export const allRefs = (repo: string): Promise<string> =>
  git(repo, ['for-each-ref', '--format=%(refname) %(objectname)']);

/** A ref's commit; undefined when it is not there. */
export const at = commitOf;
