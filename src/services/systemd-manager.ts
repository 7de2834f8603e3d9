// Talks to systemd's user manager, which runs the units of one person.
import { userInfo } from 'node:os';
import { execa } from 'execa';
import { z } from 'zod';

/** A unit that stops is given 40 s by systemd; no other command takes a second. */
const COMMAND_LIMIT_MS = 120_000;

/** Thrown where no user manager answers; says what to do. */
export class NoUserManager extends Error {
  override readonly name = 'NoUserManager';
  constructor(reason: string) {
    super(
      `Expected a systemd user manager, got ${reason}.\n` +
        'With systemd: log in as this user (ssh, or `machinectl shell`), not through su or sudo, and try again.\n' +
        'Without: let whatever starts this machine run `npx autoresearch up`.',
    );
  }
}

/** How a unit stands, in systemd's own words. */
export interface UnitState {
  readonly unit: string;
  /** `active (running)`, `activating (auto-restart)`, `inactive (dead)`, … */
  readonly state: string;
  readonly active: boolean;
  /** Null while there is none. */
  readonly process: number | null;
  /** How often systemd has started it again by itself. */
  readonly restarts: number;
  /** Whether it is started with the user manager. */
  readonly enabled: boolean;
}

/** Throws `NoUserManager` where none answers. */
export async function needManager(): Promise<void> {
  await ask(['show', '--property=Version']);
}

/** Gives a command to the manager; throws with systemd's words when it fails. */
export async function tellManager(
  verb: 'daemon-reload' | 'start' | 'restart' | 'stop',
  units: readonly string[] = [],
): Promise<void> {
  const { exitCode, stderr, shortMessage } = await systemctl([verb, ...units]);
  if (exitCode === 0) return;
  const journal =
    units.length === 0 ? '' : `; \`journalctl --user ${units.map((one) => `-u ${one}`).join(' ')}\` says more`;
  throw new Error(
    `Expected systemd to ${[verb, ...units].join(' ')}, got: ${stderr.trim() || shortMessage}${journal}.`,
  );
}

const shown = z.object({
  Id: z.string(),
  LoadState: z.string(),
  ActiveState: z.string(),
  SubState: z.string(),
  MainPID: z.coerce.number(),
  NRestarts: z.coerce.number(),
  UnitFileState: z.string(),
});

/** Those of the units that the manager knows. Throws `NoUserManager` where none answers. */
export async function readUnits(names: readonly string[]): Promise<readonly UnitState[]> {
  const text = await ask(['show', ...names, `--property=${Object.keys(shown.shape).join(',')}`]);
  return text
    .split('\n\n')
    .map((block) => shown.parse(Object.fromEntries(block.trim().split('\n').map(keyAndValue))))
    .filter(({ LoadState }) => LoadState !== 'not-found')
    .map((unit) => ({
      unit: unit.Id.replace(/\.service$/, ''),
      state: `${unit.ActiveState} (${unit.SubState})`,
      active: unit.ActiveState === 'active',
      process: unit.MainPID === 0 ? null : unit.MainPID,
      restarts: unit.NRestarts,
      enabled: unit.UnitFileState === 'enabled',
    }));
}

function keyAndValue(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** Whether this person's manager runs from boot on and after the last logout; null where nobody can say. */
export async function lingers(): Promise<boolean | null> {
  const { exitCode, stdout } = await execa('loginctl', ['show-user', userInfo().username, '--property=Linger'], {
    reject: false,
    timeout: COMMAND_LIMIT_MS,
  });
  return exitCode === 0 ? stdout.trim() === 'Linger=yes' : null;
}

async function ask(parameters: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr, code, shortMessage } = await systemctl(parameters);
  if (exitCode === 0) return stdout;
  const reason = stderr.trim() === '' ? shortMessage : stderr.trim();
  throw new NoUserManager(code === 'ENOENT' ? 'no command `systemctl`' : (reason ?? 'silence'));
}

const systemctl = (parameters: readonly string[]) =>
  execa('systemctl', ['--user', ...parameters], { reject: false, timeout: COMMAND_LIMIT_MS });
