// A hook's run in the ledger: beside records and events, in a place that its stage and experiment name. So it stands
// there once, however often the hook ran because somebody died before it was written.
import { hookPath, type HookRun } from '../domain/hook.ts';
import { serialize } from '../domain/ledger.ts';
import { ledgerRef } from '../domain/names.ts';
import { lostRef } from './broken-refs.ts';
import { commitOfRef } from './home-clone.ts';
import { moveRefs } from './refs.ts';
import { listFiles } from './tree.ts';
import { withWriter } from './writer.ts';
import { writeCommit } from './write-commit.ts';

/** Writes a run down, unless one stands in its place or the session has ended meanwhile. Throws `BrokenRef`. */
export async function appendHookRun(input: {
  readonly clone: string;
  readonly tag: string;
  readonly run: HookRun;
}): Promise<void> {
  const { clone, tag, run } = input;
  const [ref, path] = [ledgerRef(tag), hookPath(run)];
  await withWriter(clone, async (writer) => {
    const tip = await commitOfRef(clone, ref);
    if (tip === undefined) throw await lostRef(clone, ref);
    const paths = (await listFiles(clone, tip, ['events', path])).map((entry) => entry.path);
    if (paths.includes(path) || isOver(paths)) return;
    const { commit } = await writeCommit({
      clone,
      lock: writer.lock,
      parent: tip,
      files: [{ path, mode: '100644', text: serialize(run) }],
      message: `hook ${run.stage} of experiment ${run.experiment}\n`,
      at: run.at,
    });
    const moved = await moveRefs(writer, [{ ref, from: tip, to: commit }]);
    if (moved === 'raced') throw new Error(`Expected ${ref} to hold still, but someone moved it; try again.`);
  });
}

/** Whether the last event is an end: nothing may be written after it. */
function isOver(paths: readonly string[]): boolean {
  const kinds = paths.flatMap((path) => {
    const [, index, kind] = /^events\/(\d+)-(\w+)\.json$/.exec(path) ?? [];
    return index === undefined || kind === undefined ? [] : [{ index: Number(index), kind }];
  });
  return kinds.toSorted((left, right) => left.index - right.index).at(-1)?.kind === 'end';
}
