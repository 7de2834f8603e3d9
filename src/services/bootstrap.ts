// Everything that must be there before a session can run here: the tools of the machine, then the services.
// The Python side (packages and data of a task) is prepared by the device worker, for each task its own.
import { execa } from 'execa';
import { up, type DaemonOptions, type Services } from './daemon.ts';

/** Thrown when this machine lacks something that only a person can install; names all of it at once. */
export class MachineNotReady extends Error {
  override readonly name = 'MachineNotReady';
}

type Tool = { readonly command: string; readonly version: readonly [number, number]; readonly advice: string };

const TOOLS: readonly Tool[] = [
  { command: 'git', version: [2, 38], advice: 'install git, for example `apt-get install git`' },
  { command: 'python3', version: [3, 9], advice: 'install Python 3, for example `apt-get install python3`' },
];
// Holds the locks of trainings and services. Old versions will do, so only its presence is asked for.
const LOCK_TOOL: Tool = {
  command: 'flock',
  version: [0, 0],
  advice: 'install util-linux (macOS: `brew install flock`)',
};

const ASK_LIMIT_MS = 20_000;

/** Checks the machine, gets the Temporal server and starts all services and their watchdog. Throws `MachineNotReady` before anything is written. */
export async function bootstrap(options: DaemonOptions = {}): Promise<Services> {
  await checkMachine();
  return await up({ watchdog: true, ...options });
}

/** Throws `MachineNotReady`, naming every tool that is missing or too old. */
export async function checkMachine(): Promise<void> {
  const troubles = (await Promise.all([...TOOLS, LOCK_TOOL].map(troubleWith))).filter((one) => one !== undefined);
  if (troubles.length > 0) throw new MachineNotReady(troubles.join('\n'));
}

async function troubleWith({ command, version, advice }: Tool): Promise<string | undefined> {
  const [major, minor] = version;
  const wanted = major === 0 ? `the command \`${command}\`` : `\`${command}\` ${major}.${minor} or newer`;
  const answer = await execa(command, ['--version'], { reject: false, timeout: ASK_LIMIT_MS, all: true });
  if (answer.exitCode !== 0) {
    const got =
      answer.code === 'ENOENT' ? 'none on the PATH' : (answer.all?.trim().split('\n')[0] ?? answer.shortMessage);
    return `Expected ${wanted}, got ${got}; ${advice}.`;
  }
  const [, gotMajor = 0, gotMinor = 0] = (/(\d+)\.(\d+)/.exec(answer.stdout) ?? []).map(Number);
  if (gotMajor > major || (gotMajor === major && gotMinor >= minor)) return undefined;
  return `Expected ${wanted}, got ${JSON.stringify(answer.stdout.trim())}; ${advice}.`;
}
