// Installs and removes the systemd user units: what `up` starts, but started and restarted by systemd, so that a reboot
// needs nobody. Their files and links are written here and not by `systemctl enable`, so that an installation is whole
// also where no user manager runs yet.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { packageRoot, prepareStateDirectory, stateDirectory, type StateDirectory } from '../config.ts';
import { externalServer } from './external-server.ts';
import { unitEnvironment } from './systemd-environment.ts';
import { needManager, NoUserManager, tellManager } from './systemd-manager.ts';
import { fileName, HEAD, UNIT_NAMES, unitTexts, WANTED_BY } from './systemd-units.ts';
import type { Say } from './temporal-sources.ts';

/** What `installUnits` may be told; every field has a default. */
export interface InstallOptions {
  readonly directory?: StateDirectory;
  /** The environment of the person's shell. */
  readonly shell?: NodeJS.ProcessEnv;
  /** False: write the files alone, for a machine whose user manager does not run yet. */
  readonly start?: boolean;
}

/** What an installation is. */
export interface Installed {
  readonly units: readonly string[];
  /** The files that were not as they should be, and were written. */
  readonly written: readonly string[];
  /** Settings of the shell that are secret, and therefore not in the units. */
  readonly leftOut: readonly string[];
}

/**
 * Writes, enables and starts the units. Safe to repeat: what is there and unchanged keeps running. Throws before anything
 * is written: `NoUserManager`, and `InvalidInput` for a path that systemd cannot take.
 */
export async function installUnits(options: InstallOptions = {}): Promise<Installed> {
  const { directory = stateDirectory(), shell = process.env, start = true } = options;
  const { environment, leftOut } = unitEnvironment(shell, directory.root);
  const launcher = join(packageRoot(), 'bin', 'autoresearch.js');
  const embedded = (await externalServer()) === undefined;
  const texts = unitTexts({ node: process.execPath, launcher, environment, embedded });
  const folder = unitFolder(shell);
  for (const name of UNIT_NAMES) refuseForeign(pathOf(folder, name));
  if (start) await needManager();
  prepareStateDirectory(directory);
  const superfluous = installed(folder).filter((name) => !texts.has(name));
  if (start && superfluous.length > 0) await tellManager('stop', superfluous);
  for (const name of superfluous) removeUnit(folder, name);
  const units = [...texts.keys()];
  const changed = [...texts].filter(([name, text]) => writeUnit(folder, name, text)).map(([name]) => name);
  if (start) {
    await tellManager('daemon-reload');
    await tellManager(changed.length > 0 ? 'restart' : 'start', units);
  }
  return { units, written: changed.map((name) => pathOf(folder, name)), leftOut };
}

/** Stops the units and removes what `installUnits` wrote, and nothing else. Returns the files that were removed. */
export async function uninstallUnits(say: Say, shell: NodeJS.ProcessEnv = process.env): Promise<readonly string[]> {
  const folder = unitFolder(shell);
  const names = installed(folder);
  if (names.length === 0) return [];
  const hasManager = await stop(names, say);
  for (const name of names) removeUnit(folder, name);
  if (hasManager) await tellManager('daemon-reload');
  return names.map((name) => pathOf(folder, name));
}

async function stop(names: readonly string[], say: Say): Promise<boolean> {
  try {
    await needManager();
  } catch (error) {
    if (!(error instanceof NoUserManager)) throw error;
    say(`${error.message}\nThe files are removed all the same; what runs was not stopped.`);
    return false;
  }
  await tellManager('stop', names);
  return true;
}

/** Where a person's units are. */
function unitFolder({ XDG_CONFIG_HOME: xdg, HOME: home }: NodeJS.ProcessEnv): string {
  const config = xdg !== undefined && isAbsolute(xdg) ? xdg : join(home ?? homedir(), '.config');
  return join(config, 'systemd', 'user');
}

const pathOf = (folder: string, name: string): string => join(folder, fileName(name));
const linkOf = (folder: string, name: string): string => join(folder, `${WANTED_BY}.wants`, fileName(name));

const installed = (folder: string): readonly string[] =>
  UNIT_NAMES.filter((name) => existsSync(pathOf(folder, name)) && isOurs(pathOf(folder, name)));

const isOurs = (path: string): boolean => readFileSync(path, 'utf8').startsWith(HEAD);

function refuseForeign(path: string): void {
  if (!existsSync(path) || isOurs(path)) return;
  throw new Error(
    `Expected ${path} to be a unit of ours, got one that somebody else wrote; move it away, then try again.`,
  );
}

/** Writes and enables a unit; false when it was there as it should be. */
function writeUnit(folder: string, name: string, text: string): boolean {
  const [path, link] = [pathOf(folder, name), linkOf(folder, name)];
  mkdirSync(dirname(link), { recursive: true });
  const isNew = !existsSync(path) || readFileSync(path, 'utf8') !== text;
  if (isNew) writeWhole(path, text);
  const target = targetOf(link);
  if (target === path) return isNew;
  if (target !== undefined) rmSync(link);
  symlinkSync(path, link);
  return isNew;
}

function writeWhole(path: string, text: string): void {
  const mine = `${path}.${process.pid}`;
  try {
    // For this person alone: the address of a proxy or of a package index may hold a password.
    writeFileSync(mine, text, { mode: 0o600 });
    renameSync(mine, path);
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeUnit(folder: string, name: string): void {
  const link = linkOf(folder, name);
  if (targetOf(link) === pathOf(folder, name)) rmSync(link);
  rmSync(pathOf(folder, name));
  try {
    rmdirSync(dirname(link));
  } catch (error) {
    // Other units are wanted too, or the person has disabled ours, and systemd removed the folder.
    if (!z.object({ code: z.enum(['ENOTEMPTY', 'EEXIST', 'ENOENT']) }).safeParse(error).success) throw error;
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // none, or no link
  }
}
