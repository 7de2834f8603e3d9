// A process and all that it started, as /proc shows them: how many, and how much memory. Reads no more of /proc than
// those. Linux only; elsewhere there is nobody but the process itself, of unknown size.
import { readFileSync, readdirSync } from 'node:fs';

/** One look at a family. Sizes in MB, added up over its processes. */
export interface Family {
  readonly pids: readonly number[];
  readonly residentMb: number;
  /** Of each process the largest that it ever was. */
  readonly peakMb: number;
}

/** Looks at `pid` and its descendants; when there are more than `most`, only at so many and one. */
export function lookAtFamily(pid: number, most = Number.POSITIVE_INFINITY): Family {
  const pids = [pid];
  for (let index = 0; index < pids.length && pids.length <= most; index++) pids.push(...childrenOf(pids[index] ?? 0));
  let [residentKb, peakKb] = [0, 0];
  for (const member of pids.slice(0, most)) {
    const status = read(`/proc/${member}/status`);
    residentKb += kilobytes(status, 'VmRSS');
    peakKb += kilobytes(status, 'VmHWM');
  }
  return { pids, residentMb: residentKb / KB_PER_MB, peakMb: peakKb / KB_PER_MB };
}

/** The memory of these processes in MB, a page that several share divided among them. Slow: walks their page tables. */
export function proportionalMb(pids: readonly number[]): number {
  const sizes = pids.map((pid) => {
    const exact = kilobytes(read(`/proc/${pid}/smaps_rollup`), 'Pss');
    return exact > 0 ? exact : kilobytes(read(`/proc/${pid}/status`), 'VmRSS'); // not ours to read, or a kernel before 4.14
  });
  return sizes.reduce((sum, size) => sum + size, 0) / KB_PER_MB;
}

const KB_PER_MB = 1024;

/** Any thread may have started a process; each has a list of its own. */
function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((child) => child.trim() !== '')
      .map(Number),
  );
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

const kilobytes = (text: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile, or no /proc
  }
}
