// Is the data still what it was when it was prepared? In bubblewrap nobody can write there; elsewhere a candidate has the
// rights of the owner, whatever the files' modes say. What it changes, every later trial would be trained on.
import { hashFolder, stampFolder } from './data-folder.ts';
import type { PreparedEnvironment } from './environment-store.ts';
import { readReady, writeReady } from './ready-note.ts';

/**
 * Whether the data is another than this preparation's, as its user holds it: its note on disk may have been written to
 * as well. Times tell in a moment; content is read only where they differ.
 */
export async function isDataChanged({ root, data, dataHash, stamp, at }: PreparedEnvironment): Promise<boolean> {
  if (readReady(root)?.at !== at) return true; // found changed by another trial meanwhile, and made anew or about to be
  const now = await stampFolder(data).catch(() => undefined); // gone, or closed to reading
  if (now !== undefined && now === stamp) return false;
  const hash = await hashFolder(data).catch(() => undefined);
  if (now === undefined || hash !== dataHash) return true;
  writeReady(root, { dataHash, stamp: now, at }); // touched and not changed: not read again
  return false;
}
