// Whose settings the benchmarks run with: the person's way to packages, but no key, no server and no git setting of
// theirs, and nothing that npm tells its scripts.
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { getTemporalBinary } from '../src/services/temporal-binary.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const NOT_OURS = /^(ANTHROPIC|CLAUDE|TEMPORAL|GIT|AUTORESEARCH)_/;
// `npm run` describes itself and this package to its scripts; a fresh clone's npm would take that for its own.
const OF_NPM =
  /^(npm_(package|lifecycle|command|execpath|node_execpath)|npm_config_(local_prefix|prefix|global_prefix|node_gyp|npm_version|user_agent|init_module|noproxy)$|INIT_CWD$)/;
const ADDED_BY_NPM = /(node_modules\/\.bin|node-gyp-bin)$/;

/** Cleans this process's environment once and for all; every process started later has it from here. */
export function cleanEnvironment(): void {
  for (const name of Object.keys(process.env)) {
    if (NOT_OURS.test(name) || OF_NPM.test(name)) delete process.env[name];
  }
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !ADDED_BY_NPM.test(folder));
  process.env['PATH'] = path.join(delimiter);
}

/** An empty home folder's environment that still reaches the person's package caches and package settings. */
export async function inHome(home: string): Promise<Environment> {
  const { env } = process;
  const entries = Object.entries(env).filter(([name]) => !name.startsWith('XDG_'));
  return {
    ...Object.fromEntries(entries),
    npm_config_cache: env['npm_config_cache'] ?? (await ask('npm', ['config', 'get', 'cache'])),
    npm_config_userconfig: env['npm_config_userconfig'] ?? inPersonsHome('.npmrc'),
    PIP_CACHE_DIR: env['PIP_CACHE_DIR'] ?? (await ask('python3', ['-m', 'pip', 'cache', 'dir'])),
    PIP_CONFIG_FILE: env['PIP_CONFIG_FILE'] ?? inPersonsHome('.config/pip/pip.conf', '.pip/pip.conf'),
    // The python3 of a version manager finds its Pythons below the home folder unless it is told.
    PYENV_ROOT: env['PYENV_ROOT'] ?? inPersonsHome('.pyenv'),
    HOME: home,
    AUTORESEARCH_HOME: join(home, 'state'),
    NO_COLOR: '1',
  };
}

/** The first of these files and folders that the person has. */
function inPersonsHome(...paths: readonly string[]): string | undefined {
  return paths.map((path) => join(homedir(), path)).find((path) => existsSync(path));
}

async function ask(command: string, parameters: readonly string[]): Promise<string | undefined> {
  const { stdout, exitCode } = await execa(command, parameters, { reject: false, cwd: tmpdir() });
  return exitCode === 0 && stdout !== '' ? stdout.trim() : undefined;
}

let shared: Promise<string> | undefined;

/**
 * A PATH with the pinned Temporal command line, which is kept in the person's state directory as `npm test` keeps it:
 * for parts that do not measure how it is fetched.
 */
export async function pathWithTemporal(say: (text: string) => void): Promise<string> {
  shared ??= getTemporalBinary({ say }).then((binary) => {
    const folder = mkdtempSync(join(tmpdir(), 'autoresearch-bench-path-'));
    symlinkSync(binary, join(folder, 'temporal'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  });
  return [await shared, process.env['PATH']].join(delimiter);
}
