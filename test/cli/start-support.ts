// `start` and `demo` with real repos, and a server and services that only remember what they are asked.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';
import type { ServiceControl } from '../../src/cli/world.ts';
import type { SessionListing } from '../../src/feed.ts';
import { fakeClient, fakeFeed, fakeServices, run, type Ran } from './fakes.ts';
import { LIVE } from './samples.ts';

/** A folder for the repos of one test file. */
export const root = realpathSync(mkdtempSync(join(tmpdir(), 'autoresearch-start-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs git in a folder. */
export const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: folder })
    .toString()
    .trim();

/** A task file. */
export const TASK = 'name: my net\neditable: [train.py]\ntrain: { run: python train.py }\nmetric: { name: loss }\n';
let k = 0;

/** A repo with one commit of these files. */
export function repoWith(files: Readonly<Record<string, string>>): string {
  const repo = join(root, `repo-${k++}`);
  mkdirSync(repo);
  git(repo, 'init', '--quiet');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, name)), { recursive: true });
    writeFileSync(join(repo, name), text);
  }
  git(repo, 'add', '--all');
  git(repo, 'commit', '--quiet', '--allow-empty', '--message', 'begin');
  return repo;
}

/** A repo that a session can start from. */
export const good = (): string => repoWith({ 'autoresearch.yaml': TASK, 'train.py': 'A = 1\n' });

/** What the server was asked to start, and what the services were asked, in this test. */
export const started: [string, object][] = [];
export const asked: string[] = [];
beforeEach(() => {
  started.length = 0;
  asked.length = 0;
});

/** Runs with a server that has these sessions; the session followed is done at once. */
export async function runWith(
  argv: readonly string[],
  {
    cwd = root,
    sessions = [],
    start,
    checkMachine,
    serviceControl = async () => ({ ...fakeServices(asked), ...(checkMachine && { checkMachine }) }),
  }: {
    cwd?: string;
    sessions?: SessionListing[];
    start?: () => void;
    checkMachine?: ServiceControl['checkMachine'];
    serviceControl?: () => Promise<ServiceControl>;
  } = {},
): Promise<Ran> {
  const done = { ...LIVE, status: 'done' } as const;
  const client = fakeClient({
    start: async (session, input) => {
      start?.();
      started.push([session, input]);
    },
  });
  const openFeed = async () =>
    fakeFeed({
      client,
      sessions: async () => sessions,
      view: async () => ({ source: 'temporal', view: done, live: done }),
    });
  return run(argv, { cwd, openFeed, serviceControl });
}
