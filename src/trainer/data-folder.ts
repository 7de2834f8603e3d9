// A folder of prepared data: hashed as a whole, then closed to writing.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, lstat, readdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * The hash of a folder's content: sha256 over the sorted lines `<path>\0<sha256 of the bytes>`. A link counts as the
 * file that it leads to, a link to anything else as its text.
 * @throws Error for a pipe, socket or device, whose content nobody can compare.
 */
export async function hashFolder(folder: string): Promise<string> {
  const whole = createHash('sha256');
  for (const path of await filesIn(folder)) whole.update(`${path}\0${await hashEntry(join(folder, path))}\n`);
  return whole.digest('hex');
}

/**
 * The hash of the paths, sizes and times of a folder's files, links counted as above. Who writes to one changes it: the
 * time at which an inode was changed is the kernel's to set, and nobody else's.
 */
export async function stampFolder(folder: string): Promise<string> {
  const whole = createHash('sha256');
  for (const path of await filesIn(folder)) {
    const found = await stat(join(folder, path), { bigint: true }).catch(() => undefined);
    const { ino, size, mtimeNs, ctimeNs } = found?.isFile() === true ? found : NOTHING;
    whole.update(`${path}\0${ino} ${size} ${mtimeNs} ${ctimeNs}\n`);
  }
  return whole.digest('hex');
}

/** A link that leads to no file: its path counts. */
const NOTHING = { ino: 0n, size: 0n, mtimeNs: 0n, ctimeNs: 0n };

/** Takes away the right to write from everything in a folder. */
export async function makeReadOnly(folder: string): Promise<void> {
  await changeModes(folder, (mode) => mode & ~0o222);
}

/** Removes a folder, also one that was made read-only. */
export async function removeFolder(folder: string): Promise<void> {
  await changeModes(folder, (mode, isFolder) => (isFolder ? mode | 0o700 : mode)).catch(() => undefined);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function changeModes(path: string, change: (mode: number, isFolder: boolean) => number): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return; // it leads to somebody else's file
  const mode = change(found.mode & 0o7777, found.isDirectory());
  if (mode !== (found.mode & 0o7777)) await chmod(path, mode);
  if (!found.isDirectory()) return;
  for (const name of await readdir(path)) await changeModes(join(path, name), change);
}

/** Every path in a folder that is no folder, sorted. */
export async function filesIn(folder: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(prefix, entry.name);
    if (entry.isDirectory()) files.push(...(await filesIn(folder, path)));
    else files.push(path);
  }
  return files.toSorted();
}

async function hashEntry(path: string): Promise<string> {
  const found = await lstat(path);
  const target = found.isSymbolicLink() ? await stat(path).catch(() => undefined) : found;
  const hash = createHash('sha256');
  if (target?.isFile() === true) await pipeline(createReadStream(path), hash);
  else if (found.isSymbolicLink()) hash.update(`-> ${await readlink(path)}`);
  else throw new Error(`Expected ${path} to be a file, a folder or a link; remove it from what \`prepare\` writes.`);
  return hash.digest('hex');
}
