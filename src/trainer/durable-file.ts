// JSON files that are either whole or absent: written beside, synced, renamed. What cannot be read is moved aside
// under a name that says so, never deleted: it is evidence.
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

const RESERVED_BYTES = 4096;

/** Writes JSON by rename; after it returns the file survives a power cut. */
export function writeJson(path: string, value: unknown): void {
  const partial = `${path}.${process.pid}.partial`;
  writeSynced(openSync(partial, 'w'), JSON.stringify(value, null, 2));
  renameSync(partial, path);
  syncFolder(dirname(path));
}

/** Writes JSON by rename without waiting for the disk: for hints that are written often. */
export function writeHint(path: string, value: unknown): void {
  const partial = `${path}.${process.pid}.partial`;
  const descriptor = openSync(partial, 'w');
  try {
    writeSync(descriptor, JSON.stringify(value));
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, path);
}

/** Takes disk blocks for a later `writeReserved`, so that a training that fills the disk cannot hide how it ended. */
export function reserve(path: string): void {
  writeSynced(openSync(`${path}.reserved`, 'w'), ' '.repeat(RESERVED_BYTES));
}

/** `writeJson` into the blocks taken by `reserve`; falls back to new blocks when they are gone. */
export function writeReserved(path: string, value: unknown): void {
  const reserved = `${path}.reserved`;
  if (!existsSync(reserved)) return writeJson(path, value);
  const descriptor = openSync(reserved, 'r+');
  const bytes = Buffer.from(JSON.stringify(value, null, 2));
  ftruncateSync(descriptor, Math.max(bytes.length, 1));
  writeSynced(descriptor, bytes);
  renameSync(reserved, path);
  syncFolder(dirname(path));
}

/** What a JSON file turned out to be. */
export type Read<T> =
  | { readonly status: 'absent' }
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'bad'; readonly reason: string };

/** Reads and parses a JSON file; trouble with its content is a value. */
export function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Read<z.output<Schema>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { status: 'absent' };
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { status: 'bad', reason: `Expected ${path} to be JSON, got ${JSON.stringify(text.slice(0, 60))}` };
  }
  const result = schema.safeParse(json);
  if (result.success) return { status: 'ok', value: result.data };
  const [issue] = result.error.issues;
  return {
    status: 'bad',
    reason: `Expected ${path} to be whole: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  };
}

/** Moves a file that cannot be used to `<path>.bad-<k>` and returns that name; undefined when it is gone already. */
export function setAside(path: string): string | undefined {
  let k = 1;
  while (existsSync(`${path}.bad-${k}`)) k++;
  try {
    renameSync(path, `${path}.bad-${k}`);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  return `${path}.bad-${k}`;
}

/** Whether an error is the system's error of that code. */
function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function writeSynced(descriptor: number, content: string | Buffer): void {
  try {
    const bytes = Buffer.from(content);
    let written = 0;
    while (written < bytes.length) written += writeSync(descriptor, bytes, written, bytes.length - written, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
