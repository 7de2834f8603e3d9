// What happens to a session besides its experiments: its opening, its baseline, a kept line that somebody else moved,
// its end. The opening also begins the kept line, in the same transaction as the ledger, and a move moves it.
import { eventPath, parseEvent, serialize, type LedgerEvent, type MovedEvent } from '../domain/ledger.ts';
import { keptRef, ledgerRef, pushedRef, theirKeptRef } from '../domain/names.ts';
import { lostRef } from './broken-refs.ts';
import { git } from './git.ts';
import { commitOf, commitOfRef } from './home-clone.ts';
import { readObjects, textOf } from './objects.ts';
import { moveRefs, type RefMove } from './refs.ts';
import { listFiles } from './tree.ts';
import { withWriter, type Writer } from './writer.ts';
import { writeCommit } from './write-commit.ts';

/** An event and its place; `index` counts a ledger's events from 0, and the opening is 0. */
export interface EventInput {
  readonly clone: string;
  readonly tag: string;
  readonly index: number;
  readonly event: LedgerEvent;
}

/**
 * The ledger's commit that has the event; or, with nothing written, the ref that is not as the event needs it: one that
 * shows an opening's tag to be another session's, or a kept line that was moved elsewhere once more.
 */
export type Appending =
  /** Another event of that index stood before, and holds; see `Closing`. */
  | { readonly kind: 'standing'; readonly event: LedgerEvent }
  | { readonly kind: 'appended'; readonly ledger: string }
  | { readonly kind: 'taken'; readonly ref: string };

/** Appends an event; a second run finds its own and answers the same. */
export async function appendEvent(input: EventInput): Promise<Appending> {
  return withWriter(input.clone, async (writer) => {
    if ((input.event.kind === 'open') !== (input.index === 0)) {
      throw new Error(`Expected the opening to be event 0, got ${input.event.kind} as event ${input.index}.`);
    }
    const tip = await commitOfRef(input.clone, ledgerRef(input.tag));
    const standing = tip === undefined ? undefined : await standingEvent(input, tip);
    if (input.event.kind === 'open') return open(writer, input, { tip, standing, base: input.event.base });
    if (tip === undefined) throw await lostRef(input.clone, ledgerRef(input.tag));
    if (standing !== undefined && standing !== serialize(input.event))
      return { kind: 'standing', event: parseEvent(standing) };
    const others = input.event.kind === 'moved' ? await lineMoves(input, input.event) : [];
    if (standing !== undefined) {
      // A first run died between the ledger and the line, or after both.
      if (others !== undefined) await moveRefs(writer, others);
      return { kind: 'appended', ledger: await commitThatAdded(input, tip) };
    }
    if (others === undefined) return { kind: 'taken', ref: keptRef(input.tag) };
    return append(writer, input, tip, others);
  });
}

/** The line goes where somebody put it; the origin's, if it was moved there, counts as pushed. Undefined: it is elsewhere by now. */
async function lineMoves(
  { clone, tag }: EventInput,
  { from, to }: MovedEvent,
): Promise<readonly RefMove[] | undefined> {
  const [kept, theirs, pushed] = await Promise.all(
    [keptRef(tag), theirKeptRef(tag), pushedRef(tag)].map((ref) => commitOf(clone, ref)),
  );
  if (kept !== from && kept !== to) return undefined;
  const noted = theirs === to ? [{ ref: pushedRef(tag), from: pushed, to }] : [];
  return [{ ref: keptRef(tag), from: kept, to }, ...noted];
}

interface Opening {
  readonly tip: string | undefined;
  readonly standing: string | undefined;
  readonly base: string;
}

async function open(writer: Writer, input: EventInput, { tip, standing, base }: Opening): Promise<Appending> {
  const { clone, tag, event } = input;
  const kept = { ref: keptRef(tag), from: undefined, to: base };
  if (tip === undefined) {
    const ref = await strangeRef(input);
    // The ledger first: a kept line without a ledger is then never ours.
    return ref === undefined ? append(writer, input, undefined, [kept]) : { kind: 'taken', ref };
  }
  if (standing !== serialize(event)) return { kind: 'taken', ref: ledgerRef(tag) };
  if ((await commitOf(clone, kept.ref)) === undefined) await moveRefs(writer, [kept]); // a first run died in between
  return { kind: 'appended', ledger: await commitThatAdded(input, tip) };
}

/** A ref of this tag that somebody else made, here or at the origin. */
async function strangeRef({ clone, tag }: EventInput): Promise<string | undefined> {
  const names = [keptRef(tag), `refs/remotes/origin/autoresearch/${tag}`, `refs/autoresearch/${tag}`];
  const found = await git(clone, ['for-each-ref', '--count=1', '--format=%(refname)', ...names]);
  return found === '' ? undefined : found;
}

/** The text of the event that has this index, of whatever kind. */
async function standingEvent({ clone, tag, index }: EventInput, tip: string): Promise<string | undefined> {
  const entries = await listFiles(clone, tip, ['events']);
  const entry = entries.find(({ path }) => path.startsWith(`events/${index}-`));
  if (!entry) return undefined;
  const [object] = await readObjects(clone, [entry.object]);
  return object && textOf(object, `${entry.path} in ${ledgerRef(tag)}`);
}

async function append(
  writer: Writer,
  { clone, tag, index, event }: EventInput,
  parent: string | undefined,
  others: readonly RefMove[],
): Promise<Appending> {
  const { commit } = await writeCommit({
    clone,
    lock: writer.lock,
    parent,
    files: [{ path: eventPath(index, event.kind), mode: '100644', text: serialize(event) }],
    message: `event ${index}: ${event.kind}\n`,
    at: event.at,
  });
  const moved = await moveRefs(writer, [{ ref: ledgerRef(tag), from: parent, to: commit }, ...others]);
  if (moved === 'raced')
    throw new Error(`Expected the refs of ${tag} to hold still, but someone moved them; try again.`);
  return { kind: 'appended', ledger: commit };
}

async function commitThatAdded({ clone, index, event }: EventInput, tip: string): Promise<string> {
  return git(clone, ['rev-list', '-1', tip, '--', eventPath(index, event.kind)]);
}
