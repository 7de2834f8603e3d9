// Who a process is, so that a pid which the kernel has given to somebody else is never taken for ours:
// pid, start time and the boot it was started in. Imports Node only.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be confused with a later one of the same pid, nor with one of another boot. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Linux: clock ticks since boot, as the kernel prints them. Elsewhere: what `ps -o lstart=` prints. */
  readonly startTime: string;
  readonly bootId: string;
};

const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';

/** The id of the boot that this machine is in. A test may name another file to play a reboot. */
export function readBootId(bootIdPath = BOOT_ID_PATH): string {
  try {
    return readFileSync(bootIdPath, 'utf8').trim();
  } catch (cause) {
    if (process.platform === 'linux')
      throw new Error(`Expected ${bootIdPath} to name this boot; mount /proc.`, { cause });
    return execFileSync('sysctl', ['-n', 'kern.boottime'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  }
}

/** The identity of a live process; undefined when there is none. A zombie is not alive. */
export function identify(pid: number, bootIdPath?: string): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const startTime = process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: readBootId(bootIdPath) };
}

/** Whether the very process that was identified still lives: same boot, same start time, not a zombie. */
export function isAlive(identity: ProcessIdentity, bootIdPath?: string): boolean {
  const now = identify(identity.pid, bootIdPath);
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

function startTimeFromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // ENOENT, or ESRCH when it ends while we read
  }
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTime = fields[19]; // field 22 of stat, the first two are cut off
  return state === 'Z' || state === 'X' ? undefined : startTime;
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}
