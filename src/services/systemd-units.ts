// The systemd user units, as text. Pure. Escaping follows systemd.syntax(7) and the settings' own rules in
// systemd.exec(5) and systemd.service(5).
import { InvalidInput } from '../domain/invalid-input.ts';
import type { ServiceName } from './services-file.ts';
import { SERVICE_MARK } from './background-process.ts';
import { UNIT_MARK } from './systemd-mark.ts';

/** What the units of one state directory are made of; all paths are absolute. */
export interface UnitPlan {
  readonly node: string;
  /** bin/autoresearch.js of this package. */
  readonly launcher: string;
  /** What the processes get beside what the user manager gives to each of its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the Temporal server is ours: else there is no unit for one. */
  readonly embedded: boolean;
}

interface Unit {
  readonly service: ServiceName;
  readonly description: string;
  /** What `autoresearch worker` is told to run. */
  readonly part: 'server' | 'control' | 'gpu';
}

const SERVER = 'autoresearch-server';

// One unit for all devices of the machine, because `worker gpu` is one process for all of them: it asks the driver which
// there are when it starts, where a unit for each would be wrong after a GPU is added or taken away.
const UNITS: Readonly<Record<string, Unit>> = {
  [SERVER]: { service: 'temporal-server', description: 'Temporal server', part: 'server' },
  'autoresearch-control': { service: 'control-worker', description: 'control worker', part: 'control' },
  'autoresearch-device': { service: 'device-worker', description: 'device worker', part: 'gpu' },
};

/** The names of all units that there can be. */
export const UNIT_NAMES: readonly string[] = Object.keys(UNITS);

/** The target that units are wanted by: it is reached at the first login, or at boot for a user who lingers. */
export const WANTED_BY = 'default.target';

/** The first line of each file of ours; what does not begin with it is somebody else's and stays as it is. */
export const HEAD = '# Written by `autoresearch service install`; `autoresearch service uninstall` removes it.';

/** The file of a unit. */
export const fileName = (unit: string): string => `${unit}.service`;

/** The units' texts by their names. Throws `InvalidInput` for a path or value that systemd cannot take. */
export function unitTexts(plan: UnitPlan): ReadonlyMap<string, string> {
  const wanted = Object.entries(UNITS).filter(([, { part }]) => plan.embedded || part !== 'server');
  return new Map(wanted.map(([name, unit]) => [name, unitText(name, unit, plan)]));
}

function unitText(name: string, { service, description, part }: Unit, plan: UnitPlan): string {
  const isWorker = part !== 'server';
  const afterServer = isWorker && plan.embedded ? [`Wants=${fileName(SERVER)}`, `After=${fileName(SERVER)}`] : [];
  // The server's process bears its mark itself: it is a child of the unit's.
  const marks = { [UNIT_MARK]: name, ...(isWorker && { [SERVICE_MARK]: service }) };
  const environment = Object.entries({ ...plan.environment, ...marks });
  return `${HEAD}
[Unit]
Description=autoresearch: ${description}
${lines(afterServer)}# Whatever keeps it from starting (a full disk, say) may be mended tomorrow: it never gives up.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${[program(plan.node), ...[plan.launcher, 'worker', part].map(argument)].join(' ')}
# The repo that a worker is started in counts as allowed; this one is started in none.
WorkingDirectory=/
${lines(environment.map((entry) => `Environment=${assignment(entry)}`))}Restart=always
RestartSec=2
# A stop or restart ends this process alone: trainings are detached, go on, and are adopted by the next worker.
KillMode=process
# One that is killed for its memory is a result; with its worker stopped for that, nobody would take it.
OOMPolicy=continue
TimeoutStopSec=40

[Install]
WantedBy=${WANTED_BY}
`;
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** The first word of a command line: `$` means nothing there, and systemd refuses quotes and backslashes. */
function program(path: string): string {
  if (/['"\\]/.test(path))
    throw new InvalidInput(
      `Expected a path of Node without quotes and backslashes, which systemd refuses, got ${path}; install Node elsewhere.`,
    );
  return quoted(path);
}

const argument = (text: string): string => quoted(text).replaceAll('$', '$$$$');

const assignment = ([name, value]: readonly [string, string]): string => quoted(`${name}=${value}`);

function quoted(text: string): string {
  if (/\p{Cc}/u.test(text))
    throw new InvalidInput(
      `Expected paths and settings without control characters, got ${JSON.stringify(text)}; systemd cannot take it.`,
    );
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('%', '%%');
  return /^[\w./:=+@,%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
