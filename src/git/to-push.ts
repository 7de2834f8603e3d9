// What waits to be pushed, on the disk: a small file in the home clone for each session with something that its origin
// may lack. Written before a push is promised and removed when it has landed, so that whoever ends in between, the next
// control worker knows. Not found out by asking the origin: a person may have deleted there what they no longer want.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const waitingSchema = z.object({ origin: z.string(), tag: z.string(), push: z.enum(['all', 'kept', 'none']) });

/** A session's push: where it goes, and how much of it. */
export type ToPush = Readonly<z.output<typeof waitingSchema>>;

const folderOf = (clone: string): string => join(clone, 'to-push');
const fileOf = (clone: string, tag: string): string => join(folderOf(clone), `${tag}.json`);

/** Remembers that a session has something to push. */
export function rememberPush(clone: string, { origin, tag, push }: ToPush): void {
  const path = fileOf(clone, tag);
  mkdirSync(folderOf(clone), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, JSON.stringify({ origin, tag, push }), { mode: 0o600 }); // a URL may hold a password
  renameSync(`${path}.${process.pid}`, path);
}

/** Forgets it: all of it has arrived. */
export function forgetPush(clone: string, tag: string): void {
  rmSync(fileOf(clone, tag), { force: true });
}

/** What waits in all home clones of a folder. A file that is none of these is left alone, and named by `onDamaged`. */
export function pushesToDo(
  repos: string,
  onDamaged: (path: string) => void,
): readonly { readonly clone: string; readonly what: ToPush }[] {
  const clones = list(repos).filter((name) => name.endsWith('.git'));
  return clones.flatMap((name) => {
    const clone = resolve(repos, name);
    const files = list(folderOf(clone)).filter((file) => file.endsWith('.json'));
    return files.flatMap((file) => {
      const path = join(folderOf(clone), file);
      const what = read(path);
      if (what !== undefined && fileOf(clone, what.tag) === path) return [{ clone, what }];
      onDamaged(path);
      return [];
    });
  });
}

function read(path: string): ToPush | undefined {
  try {
    return waitingSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

const list = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
