// A session that goes on somewhere begins with all that is known of it: a home clone never fetches a session that it
// has once, because the sessions that run there are its own, and so its copy of any other may be old.
import { InvalidInput } from '../domain/invalid-input.ts';
import { lineTip } from '../domain/kept-line.ts';
import type { Ledger } from '../domain/ledger.ts';
import { keptRef, ledgerRef } from '../domain/names.ts';
import { git } from './git.ts';
import { commitOf, refsBelow } from './home-clone.ts';
import { isAncestor, moveRefs } from './refs.ts';
import { withWriter, type Writer } from './writer.ts';

const FETCH_SECONDS = 60;

/** Which session, where, and where it may have gone on. */
export interface RefreshInput {
  readonly clone: string;
  readonly origin: string;
  readonly tag: string;
}

/** Brings ledger and candidates up to the origin's; throws `InvalidInput` where the two ledgers have gone apart. */
export async function refreshSession(input: RefreshInput): Promise<void> {
  const { clone, origin, tag } = input;
  await withWriter(clone, async (writer) => {
    const { lock } = writer;
    const flags = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--prune'];
    const refspec = `+refs/autoresearch/${tag}/*:${sideOf(tag)}*`;
    await git(clone, ['fetch', ...flags, origin, refspec], { timeoutSeconds: FETCH_SECONDS, lock });
    try {
      await takeOver(writer, input);
    } finally {
      const side = await refsBelow(clone, sideOf(tag));
      const deletions = side.map(({ ref }) => `delete ${ref}\n`).join('');
      await git(clone, ['update-ref', '--stdin'], { input: deletions, lock });
    }
  });
}

async function takeOver(writer: Writer, { clone, origin, tag }: RefreshInput): Promise<void> {
  const [ours, theirs] = await Promise.all([commitOf(clone, ledgerRef(tag)), commitOf(clone, `${sideOf(tag)}ledger`)]);
  if (ours === undefined || theirs === undefined || (await isAncestor(clone, theirs, ours))) return;
  if (!(await isAncestor(clone, ours, theirs)))
    throw new InvalidInput(
      `Expected one ledger of ${tag}, got ${ours} here and ${theirs} in ${origin}, which have gone apart; go on where the longer one is, or forget the other.`,
    );
  const side = await refsBelow(clone, sideOf(tag));
  const moves = await Promise.all(
    side.map(async ({ ref, commit }) => {
      const own = ref.replace(sideOf(tag), `refs/autoresearch/${tag}/`);
      return { ref: own, from: await commitOf(clone, own), to: commit };
    }),
  );
  if ((await moveRefs(writer, moves)) === 'raced')
    throw new Error(`Expected the refs of ${tag} to hold still, but someone moved them; try again.`);
}

/** Puts a kept line that is missing or behind where the ledger has it; one that somebody moved stays. */
export async function catchUpLine(clone: string, tag: string, { events, experiments }: Ledger): Promise<void> {
  await withWriter(clone, async (writer) => {
    const [from, to] = [await commitOf(clone, keptRef(tag)), lineTip(events, experiments)];
    if (to === undefined || from === to || (from !== undefined && !(await isAncestor(clone, from, to)))) return;
    await moveRefs(writer, [{ ref: keptRef(tag), from, to }]);
  });
}

const sideOf = (tag: string): string => `refs/theirs/${tag}/`;
