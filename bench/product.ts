// The product as a person has it, for benchmarks: the command line in processes of its own, real services in the
// background, a project in a repo of its own; all in one temporary folder that ends with `close`.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { z } from 'zod';
import { connect, type SessionClient } from '../src/client.ts';
import { packageRoot, stateDirectory, type StateDirectory } from '../src/config.ts';
import type { Ledger } from '../src/domain/ledger.ts';
import type { SessionInput } from '../src/domain/session.ts';
import { homeClonePath } from '../src/git/home-clone.ts';
import { readLedger } from '../src/git/ledger.ts';
import { resolveRepo } from '../src/git/user-repo.ts';
import { services, type Services } from '../src/services/daemon.ts';
import { removeFolder } from '../src/trainer/data-folder.ts';
import { killTrial, liveTrials } from '../src/trainer/sweep.ts';
import { closing } from './closing.ts';
import { inHome, pathWithTemporal } from './environment.ts';
import { createProject, taskPathOf, type Project } from './project.ts';

/** A running product with a project of its own. */
export interface Product {
  readonly repo: string;
  readonly state: StateDirectory;
  /** The home clone of the project. */
  readonly clone: string;
  /** Runs a command to its end; one that fails throws. */
  readonly run: (...args: string[]) => Promise<string>;
  readonly services: () => Promise<Services>;
  readonly connect: () => Promise<SessionClient>;
  /** Starts a session in the background; its id is its tag. */
  readonly start: (session: string, input: SessionInput) => Promise<void>;
  /** Resolves when the session is done; throws when it fails or waits for a person. */
  readonly ended: (session: string) => Promise<void>;
  readonly ledger: (session: string) => Promise<Ledger>;
  readonly close: () => Promise<void>;
}

const POLL_MS = 1000;
/** A query costs the control worker some milliseconds, so a blocked session is looked for rarely. */
const POLLS_PER_STATUS = 15;

/** What differs from the product as it is: the folder of the package to run, and what its environment has beside. */
interface ProductOptions {
  readonly root?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes the project; services start with the first session. */
export async function createProduct(
  project: Project,
  say: (text: string) => void,
  { root = packageRoot(), env: added = {} }: ProductOptions = {},
): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-bench-'));
  const closed = new AbortController();
  const close = closing(async () => {
    closed.abort(); // a command that goes on could start services anew
    await call({ cwd: folder }, 'down');
    await endTrials(join(folder, 'state'));
    await removeFolder(folder);
  });
  const repo = join(folder, 'project');
  const env = { ...(await inHome(folder)), PATH: await pathWithTemporal(say), ...added };
  const state = stateDirectory(env);
  const call = async (more: object, ...args: readonly string[]): Promise<string> => {
    const options = { cwd: repo, env, extendEnv: false, stdin: 'ignore', ...more } as const;
    return (await execa('node', [join(root, 'bin/autoresearch.js'), ...args], options)).stdout;
  };
  const run = (...args: string[]): Promise<string> => call({ cancelSignal: closed.signal }, ...args);
  try {
    await createProject(project, repo);
  } catch (error) {
    await close();
    throw error;
  }
  const { origin } = await resolveRepo(repo);
  const clone = homeClonePath({ repos: state.repos, origin });
  const open = async (): Promise<SessionClient> => {
    const { address } = await services({ directory: state });
    return await connect(address === undefined ? undefined : { address });
  };
  return {
    repo,
    state,
    clone,
    run,
    close,
    connect: open,
    services: () => services({ directory: state }),
    start: async (session, input) => {
      const wanted: SessionInput = { tag: session, task: taskPathOf(project), ...input };
      await run('start', '.', '--id', session, '--json', '--input', JSON.stringify(wanted));
    },
    ended: async (session) => {
      const client = await open();
      try {
        await waitForEnd(client, session);
      } finally {
        await client.close();
      }
    },
    ledger: async (session) => {
      const ledger = await readLedger(clone, session);
      if (ledger === undefined) throw new Error(`Expected ${session} to have a ledger, got none; look at ${clone}.`);
      return ledger;
    },
  };
}

async function waitForEnd(client: SessionClient, session: string): Promise<void> {
  for (let polls = 1; ; polls++) {
    const { open, outcome, failure } = await client.outcome(session);
    if (!open && outcome !== 'completed')
      throw new Error(`Expected ${session} to end well, got ${failure ?? outcome}.`);
    if (!open) return;
    if (polls % POLLS_PER_STATUS === 0) {
      const { status, reason } = await client.status(session);
      if (status === 'blocked') throw new Error(`Expected ${session} to go on, got blocked: ${reason ?? 'no reason'}`);
    }
    await sleep(POLL_MS);
  }
}

/** Ends what still trains in a state directory: trainings outlive their services. */
export async function endTrials(root: string): Promise<void> {
  for (const { directory } of liveTrials(stateDirectory({ AUTORESEARCH_HOME: root }).trials))
    await killTrial(directory);
}

const bestSchema = z.object({
  best: z.object({ commit: z.string(), value: z.number() }),
  baseline: z.object({ commit: z.string(), value: z.number() }),
  gain: z.object({ claimed: z.number() }),
});

/** What `best --json` says of a session that has a baseline. */
export async function askBest(product: Product, session: string): Promise<z.output<typeof bestSchema>> {
  return bestSchema.parse(JSON.parse(await product.run('best', session, '--json')));
}
