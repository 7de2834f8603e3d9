// Which systemd unit runs a process. The unit says so in the environment of what it starts, and the process is asked,
// not a file: a file may be old. `up` leaves such processes alone, and `down` says how to stop them: whatever they ended
// would be started again by systemd within seconds.
import { isAlive } from '../trainer/process-identity.ts';
import { environmentOf } from '../trainer/process-table.ts';
import { codeVersion } from './code-version.ts';
import type { ServiceEntry, ServiceName } from './services-file.ts';
import type { Say } from './temporal-sources.ts';

/** The environment variable that names the unit. */
export const UNIT_MARK = 'AUTORESEARCH_UNIT';

/** The unit that runs this process; undefined for what `up` has started, and for what is gone. */
export function unitOf(entry: ServiceEntry): string | undefined {
  if (!isAlive(entry)) return undefined;
  const mark = `${UNIT_MARK}=`;
  const found = environmentOf(entry.pid).find((one) => one.startsWith(mark));
  return found?.slice(mark.length);
}

/** Whether units run everything, with a server of ours or without, so that nothing is left to start. Names old code. */
export function areRunByUnits(entries: readonly ServiceEntry[], embedded: boolean, say: Say): boolean {
  const run = entries.filter((entry) => unitOf(entry) !== undefined);
  const workers = run.filter(({ name }) => name !== 'temporal-server');
  const needed: readonly ServiceName[] = [
    'control-worker',
    'device-worker',
    ...(embedded ? (['temporal-server'] as const) : []),
  ];
  if (!needed.every((name) => run.some((entry) => entry.name === name))) return false;
  const old = unitNames(workers.filter(({ runs }) => runs !== 'unknown' && !runs.startsWith(`${codeVersion()} `)));
  if (old !== '') say(`Workers run older code; start them again: systemctl --user restart ${old}`);
  return true;
}

/** Tells a person who wants to end these processes how that is done. */
export function sayUnits(entries: readonly ServiceEntry[], say: Say): void {
  if (entries.length === 0) return;
  say(`systemd runs the ${entries.map(({ name }) => name.replace('-', ' ')).join(', ')}, and would start them again.
To stop them until the next boot or login: systemctl --user stop ${unitNames(entries)}
To remove them: npx autoresearch service uninstall`);
}

const unitNames = (entries: readonly ServiceEntry[]): string =>
  [...new Set(entries.map(unitOf))]
    .filter((unit) => unit !== undefined)
    .toSorted()
    .join(' ');
