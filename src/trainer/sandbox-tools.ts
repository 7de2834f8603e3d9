// The places that programs of this machine run from: what the system has, and what PATH and version managers name.
// Never a home folder as a whole: keys stand in it.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Environment } from './environment.ts';

/** What every program needs; of /etc no more than what names users, places and libraries. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'];
const LIBRARIES = ['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'alternatives', 'ssl/openssl.cnf', 'fonts', 'OpenCL'];
const NAMES = ['passwd', 'group', 'nsswitch.conf', 'hosts', 'localtime', 'timezone', 'os-release'];
const SETTINGS = [...LIBRARIES, ...NAMES].map((name) => `/etc/${name}`);
/** From these, numeric libraries learn how many cores there are. */
const CORES = ['/sys/devices/system/cpu', '/sys/devices/system/node'];
const GPU_SYSTEM = ['/sys/bus', '/sys/class', '/sys/dev', '/sys/devices', '/sys/module'];
const GPU_LIBRARIES = ['/opt/cuda', '/opt/rocm', '/run/opengl-driver', ...GPU_SYSTEM];
const GPU_NODES = /^(nvidia|nvhost|nvmap|dri$|kfd$|dxg$)/;
const ROOTS = ['PYENV_ROOT', 'ASDF_DATA_DIR', 'MISE_DATA_DIR', 'CONDA_PREFIX', 'RUSTUP_HOME', 'CUDA_HOME', 'CUDA_PATH'];
const MODPROBE_PATIENCE_MS = 20_000;
const INTERPRETERS = ['python3', 'python'];
const MOST_LINKS = 40; // as the kernel
const ANY_WRITE = 0o222;

/** What can be read in every sandbox. */
export const systemPaths: readonly string[] = [...SYSTEM, ...SETTINGS, ...CORES];

/**
 * What /proc holds beside processes, as far as it may be written to: the machine's settings above all, which are open to
 * whom the machine calls root, whatever power he has lost in a sandbox, and with one of which the kernel can be told to run
 * a program outside. Not all of /proc: a process that may not name its own threads there gets no CUDA (error 304).
 */
export function kernelSettings(): string[] {
  if (!existsSync('/proc/self')) return [];
  // Names alone at first: a process may be gone before anybody looks at what it is.
  const others = readdirSync('/proc').filter((name) => !/^\d+$/.test(name));
  return others.map((name) => `/proc/${name}`).filter(isOpen);
}

function isOpen(path: string): boolean {
  const found = lstatSync(path);
  return found.isDirectory() || (found.isFile() && (found.mode & ANY_WRITE) !== 0);
}

/** Device nodes of this machine's GPUs, and what a driver's libraries read beside them. */
export function gpuPaths(): { readonly nodes: string[]; readonly read: readonly string[] } {
  // CUDA makes this node at its first start after a boot, through a program that gets no rights in a sandbox.
  if (existsSync('/dev/nvidiactl') && !existsSync('/dev/nvidia-uvm'))
    spawnSync('nvidia-modprobe', ['-u', '-c=0'], { stdio: 'ignore', timeout: MODPROBE_PATIENCE_MS });
  const names = existsSync('/dev') ? readdirSync('/dev') : [];
  return { nodes: names.filter((name) => GPU_NODES.test(name)).map((name) => `/dev/${name}`), read: GPU_LIBRARIES };
}

/**
 * The folders that a command with this environment takes programs and libraries from. `keep` are folders that must not
 * be shown: what holds one of them, as a home folder in PATH would, is left out.
 */
export function toolPaths(env: Environment, keep: readonly string[]): string[] {
  const isTooWide = (path: string): boolean =>
    keep.some((kept) => `${kept}/`.startsWith(path === '/' ? '/' : `${path}/`));
  const listed = (name: string): string[] => (env[name] ?? '').split(delimiter).filter((path) => isAbsolute(path));
  const path = listed('PATH').map((folder) => resolve(folder));
  const roots = ROOTS.flatMap((name) => listed(name));
  const programs = path.flatMap((folder) => INTERPRETERS.map((name) => join(folder, name)));
  const prefixes = programs.flatMap((program) => linksOf(program)).flatMap((program) => prefixOf(program, isTooWide));
  return [...path, ...listed('LD_LIBRARY_PATH'), ...roots, ...prefixes].filter((place) => !isTooWide(place));
}

/** Folders that this machine's person lets trainings read: data that no `prepare` brings. */
export function readablePaths({ AUTORESEARCH_READABLE = '' }: NodeJS.ProcessEnv = process.env): string[] {
  return AUTORESEARCH_READABLE.split(delimiter).filter((path) => isAbsolute(path));
}

/** A program and every link on the way to what it is. */
function linksOf(program: string): string[] {
  const links: string[] = [];
  let next: string | undefined = program;
  while (next !== undefined && links.length < MOST_LINKS && existsSync(next)) {
    links.push(next, realpathSync(next));
    next = targetOf(next);
  }
  return links;
}

function targetOf(path: string): string | undefined {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return undefined; // no link
  }
}

/** The folder that an interpreter finds its library by; for a shim the version manager's, for another program its own. */
function prefixOf(program: string, isTooWide: (path: string) => boolean): string[] {
  const folder = dirname(program);
  const prefix = dirname(folder);
  if (basename(folder) !== 'shims' && !isPythonPrefix(prefix)) return [folder];
  return isTooWide(prefix) ? [folder, join(prefix, 'lib')] : [prefix];
}

function isPythonPrefix(prefix: string): boolean {
  if (existsSync(join(prefix, 'pyvenv.cfg')) || existsSync(join(prefix, 'conda-meta'))) return true;
  const library = join(prefix, 'lib');
  const versions = existsSync(library) ? readdirSync(library).filter((name) => name.startsWith('python3')) : [];
  return versions.some((name) => existsSync(join(library, name, 'os.py')));
}
