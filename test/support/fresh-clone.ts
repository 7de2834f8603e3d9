// A fresh clone of this repo with an empty home, as a new user has it. Everything ends with `close`.
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot, stateDirectory, type StateDirectory } from '../../src/config.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import type { Answer } from './product.ts';

/** `npm start` in a terminal of its own. */
export interface View {
  readonly said: () => string;
  readonly ended: () => Promise<Answer>;
  readonly ctrlC: () => Promise<void>;
}

/** A clone that nothing was done in yet. */
export interface FreshClone {
  readonly path: string;
  readonly state: StateDirectory;
  readonly npx: (...args: string[]) => Promise<Answer>;
  readonly npmStart: (...options: string[]) => View;
  readonly git: (...args: string[]) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Clones what is committed here. */
export async function freshClone(): Promise<FreshClone> {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-clone-'));
  const path = join(folder, 'clone');
  await execa('git', ['clone', '--quiet', packageRoot(), path]);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOME: join(folder, 'home'),
    AUTORESEARCH_HOME: join(folder, 'state'),
    // Warm caches of packages alone: whether the registries are fast is not what is tested.
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    PIP_CACHE_DIR: join(homedir(), '.cache/pip'),
  };
  const state = stateDirectory(env);
  const options = { cwd: path, env, reject: false, stdin: 'ignore' } as const;
  const npx = async (...args: string[]): Promise<Answer> =>
    answerOf(await execa('npx', ['autoresearch', ...args], options));
  return {
    path,
    state,
    npx,
    npmStart: (...args) => {
      // A group of processes that Ctrl-C reaches together.
      const child = execa('npm', ['start', '--', ...args], { ...options, detached: true });
      let said = '';
      child.stdout.on('data', (data: Buffer) => (said += data.toString()));
      return {
        said: () => said,
        ended: async () => answerOf(await child),
        ctrlC: async () => {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
          await child;
        },
      };
    },
    git: async (...args) => (await execa('git', args, { cwd: path })).stdout,
    close: async () => {
      await npx('down');
      for (const { directory } of liveTrials(state.trials)) await killTrial(directory);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** An ended process as tests read it. */
const answerOf = ({ exitCode, stdout, stderr }: Partial<Answer> & Pick<Answer, 'stdout' | 'stderr'>): Answer => ({
  exitCode,
  stdout,
  stderr,
});
