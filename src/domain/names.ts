import { InvalidInput } from './invalid-input.ts';

/** The shared queues; a queue of one's own is `<queue>@<id>`. */
export const CONTROL_QUEUE = 'autoresearch';
/** The shared queue of all devices. */
export const DEVICE_QUEUE = 'autoresearch-gpu';
/** The queue of git verbs of the control worker whose state directory is `homeId`. */
export const homeQueue = (homeId: string): string => `${CONTROL_QUEUE}@${homeId}`;
/** The queue of one device of one host. */
export const ownDeviceQueue = (hostId: string, device: string): string => `${DEVICE_QUEUE}@${hostId}/${device}`;

/** The kept line. */
export const keptBranch = (tag: string): string => `autoresearch/${tag}`;
/** The kept line's full ref. */
export const keptRef = (tag: string): string => `refs/heads/${keptBranch(tag)}`;
/** Where a home clone keeps what it last saw of the kept line at its origin. */
export const theirKeptRef = (tag: string): string => `refs/remotes/origin/${keptBranch(tag)}`;
/** Where a home clone keeps what it last pushed of the kept line; never pushed itself. */
export const pushedRef = (tag: string): string => `refs/pushed/${tag}`;
/** The ref of experiment n's candidate. */
export const candidateRef = (tag: string, experiment: number): string => `refs/autoresearch/${tag}/${experiment}`;
/** The ledger's ref. */
export const ledgerRef = (tag: string): string => `refs/autoresearch/${tag}/ledger`;

const LEGAL_TAG = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/;

/** Checks that a tag can stand in a ref; throws `InvalidInput`. The rules are a strict subset of `git check-ref-format`. */
export function checkTag(tag: string): string {
  if (LEGAL_TAG.test(tag) && !tag.includes('..') && !tag.endsWith('.') && !tag.endsWith('.lock')) return tag;
  throw new InvalidInput(
    `Expected \`tag\` to be 1 to 80 letters, digits, "-", "_" or ".", starting with a letter or digit, got ${JSON.stringify(tag)}.`,
  );
}

/** The tag of a session id: the id made fit for a ref; ids that would collide after that keep apart by a hash. */
export function tagFrom(session: string): string {
  if (LEGAL_TAG.test(session) && !session.includes('..') && !/(\.|\.lock)$/.test(session)) return session;
  const fit = session
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 60);
  return `${fit === '' ? 'session' : fit}-${shortHash(session)}`;
}

/** A folder name for a session id: the same rules, so that refs and folders read alike. */
export const folderName = (session: string): string => tagFrom(session);

/** FNV-1a, 32 bit, as 8 hex digits: keeps names apart, is no security (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}
