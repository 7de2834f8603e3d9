// Where code that a model wrote runs: in bubblewrap, with no network, no other process, no key, and an allow-list of
// files; where that is not to be had, in namespaces of its own (`unshare`), which hide no file; else plainly.
import { homedir, release } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../domain/experiment.ts';
import { isCpu, type Device } from './device.ts';
import type { Environment } from './environment.ts';
import { mountOptions, type View } from './sandbox-mounts.ts';
import { gpuPaths, kernelSettings, systemPaths, toolPaths } from './sandbox-tools.ts';

/** What a command is to see of this machine, beside the programs that its environment names. Absolute paths. */
export interface SandboxRequest extends View {
  readonly env: Environment;
  /** A GPU's nodes are there for a command that trains on one. */
  readonly device: Pick<Device, 'id'>;
  /** The state directory: of it, only what is named here is there. */
  readonly state: string;
  /** What a single file may grow to; the sum is the supervisor's to watch. */
  readonly outputMb?: number;
  /** Whether it may keep as little in shared memory as in `/tmp`; absent: half of the machine's memory, as everywhere. */
  readonly isSmall?: true;
}

/** How this machine's sandbox is made. */
export interface SandboxMaker {
  readonly sandbox: Sandbox;
  /** Whether bubblewrap can bound a folder in memory (from 0.7 on). */
  readonly isSized: boolean;
}

// For programs that write to /tmp whatever TMPDIR says: locks and sockets, not data.
const SIZE = ['--size', String(256 * 2 ** 20)];
const OWN_TMP = ['--tmpfs', '/tmp'];
// Of `/dev` only its shared memory is for writing: what else is written there would be memory that nobody counts.
const OWN_DEV = ['--tmpfs', '/dev/shm', '--remount-ro', '/dev'];
// Threads count here, so it is far above what a training may have in processes: it slows a fork bomb down between two
// looks of the supervisor. Since Linux 5.14 it counts a sandbox for itself, before that all processes of the user.
const MOST_THREADS = 16_384;
const COUNTS_BY_SANDBOX = [5, 14] as const;

// Without the loss of its capabilities a command that root runs would have root's power over the mounts, and could take
// away what hides files.
const ALONE = '--unshare-all --die-with-parent --cap-drop ALL --proc /proc --dev /dev'.split(' ');
// `unshare` makes its command the first process, which heeds no TERM; so there is one before it. The shell's own word on
// how it ended is no word of the training. Loopback is up, as in bubblewrap: trainings talk to their own processes.
const UNSHARE = ['unshare', '-Urmpn', '--fork', '--kill-child', '--mount-proc'];
const FIRST_PROCESS = 'exec 3>&2 2>/dev/null; PATH=$PATH:/sbin:/usr/sbin ip link set lo up; "$@" 2>&3 3>&-; exit';

/** What the command is given to; nothing where there is no sandbox. */
export function sandboxCommand(maker: SandboxMaker, request: SandboxRequest): string[] {
  if (maker.sandbox === 'none') return [];
  const limited = limits(request);
  return maker.sandbox === 'bubblewrap'
    ? ['bwrap', ...bubblewrapOptions(maker, request), '--', ...limited]
    : [...UNSHARE, '--', 'sh', '-c', FIRST_PROCESS, 'sh', ...limited];
}

/** Every option of bubblewrap but the command. The environment is the caller's, which passes on an allow-list. */
export function bubblewrapOptions({ isSized }: SandboxMaker, request: SandboxRequest): string[] {
  const { env, device, state, write, hidden } = request;
  const home = homedir();
  const gpu = isCpu(device) ? { nodes: [], read: [] } : gpuPaths();
  const tools = toolPaths(env, [home, state, join(home, '.local/share')]);
  const read = [...systemPaths, ...gpu.read, ...tools, ...request.read];
  return [
    ...ALONE,
    ...gpu.nodes.flatMap((node) => ['--dev-bind-try', node, node]),
    ...(isSized && request.isSmall === true ? SIZE : []),
    ...OWN_DEV,
    ...(isSized ? SIZE : []),
    ...OWN_TMP,
    ...mountOptions({ read, write, hidden: [home, state, ...hidden] }),
    ...settingsReadOnly(),
  ];
}

/**
 * The same for a person's own coding agent, which needs the network, its login and every program of this machine: it
 * reads all files but those that are hidden, and writes where it is told. Nothing where there is no bubblewrap: the
 * other sandbox has no network.
 */
export function agentSandboxCommand({ sandbox, isSized }: SandboxMaker, view: View): string[] {
  if (sandbox !== 'bubblewrap') return [];
  return [
    'bwrap',
    '--ro-bind',
    '/',
    '/',
    ...ALONE,
    '--share-net',
    ...(isSized ? SIZE : []),
    ...OWN_TMP,
    ...mountOptions(view, 'read'),
    ...settingsReadOnly(),
    '--',
    ...limits({}),
  ];
}

const settingsReadOnly = (): string[] => kernelSettings().flatMap((path) => ['--ro-bind-try', path, path]);

/** What sets the limits of the process that it then becomes; constant words. */
export function limits({ outputMb }: Pick<SandboxRequest, 'outputMb'>): string[] {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const [leastMajor, leastMinor] = COUNTS_BY_SANDBOX;
  const countsBySandbox = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  return [
    'prlimit',
    '--core=0', // a crash of a large model would write all of it to the disk
    ...(countsBySandbox ? [`--nproc=${MOST_THREADS}`] : []),
    ...(outputMb === undefined ? [] : [`--fsize=${Math.round(outputMb * 1e6)}`]),
  ];
}
