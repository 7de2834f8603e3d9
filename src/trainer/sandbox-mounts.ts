// What a sandboxed command sees of the files: an allow-list, and what stays hidden below it. A deeper place is mounted
// after the one above it, so that a folder of ours can stand in one that is hidden.
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** Absolute paths; what is not there is left out. */
export interface View {
  readonly read: readonly string[];
  /** Must be there. */
  readonly write: readonly string[];
  /** Empty in the sandbox, even where something above it can be read. */
  readonly hidden: readonly string[];
}

type Kind = keyof View;

/** In memory and the sandbox's own; a state directory may stand below the machine's. */
const SHARED_TMP = '/tmp';

/**
 * The view as options of bubblewrap, every place at its own path; of `/tmp` it expects that it is mounted. `ground` is
 * what everything else is: nothing, or the machine's files to read, mounted already.
 */
export function mountOptions(view: View, ground?: 'read'): string[] {
  const places = new Map<string, Kind>([
    ...view.read.flatMap(bothPaths).map((path) => [path, 'read'] as const),
    ...view.hidden.flatMap(bothPaths).map((path) => [path, 'hidden'] as const),
    ...view.write.map((path) => [resolve(path), 'write'] as const),
  ]);
  const [options, sealed, shown]: [string[], string[], [string, Kind][]] = [
    [],
    [],
    [...(ground === undefined ? [] : [['', ground] as [string, Kind]]), [SHARED_TMP, 'write']],
  ];
  // Sorted, a folder comes before everything in it.
  for (const [path, kind] of [...places].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const above = shown.findLast(([place]) => path.startsWith(`${place}/`))?.[1];
    if (kind === 'read' && above === 'read') continue; // seen already
    if (kind === 'hidden' && (above === undefined || above === 'hidden')) continue; // not seen anyway
    shown.push([path, kind]);
    if (kind === 'write') options.push('--bind', path, path);
    else if (kind === 'read') options.push('--ro-bind-try', path, path);
    else if (statSync(path).isDirectory()) {
      options.push('--tmpfs', path);
      sealed.push('--remount-ro', path); // last: what stands in it needs mount points there
    } else options.push('--ro-bind', '/dev/null', path);
  }
  return [...options, ...sealed, '--remount-ro', '/'];
}

/** The path itself and where links lead: a program may know the place by either. Neither where nothing is. */
function bothPaths(path: string): string[] {
  try {
    return [resolve(path), realpathSync(path)];
  } catch {
    return [];
  }
}
