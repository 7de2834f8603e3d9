import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { PriorExperiment, PriorLog } from '../../src/domain/prior.ts';
import { git } from '../../src/git/git.ts';
import { openHomeClone } from '../../src/git/home-clone.ts';
import { dropImported, importedTwin, importLog, pushImported, readImported } from '../../src/git/imported.ts';
import { allRefs, commitFiles, newCandidate, newFolder, newRepo } from './sandbox.ts';

const AT = '2025-11-23T20:00:00.000Z';
const experiment = (commit: string | null, more: Partial<PriorExperiment> = {}): PriorExperiment => ({
  number: 1,
  commit,
  verdict: 'discard',
  value: 1,
  metrics: {},
  description: 'größer 🚀',
  ...more,
});
const logOf = (...experiments: PriorExperiment[]): PriorLog => ({
  version: 1,
  format: 'karpathy',
  segments: [{ name: '', metric: 'val_bpb', unit: '', direction: 'minimize', experiments }],
});

/** A repo with one commit on its branch and one that was reset, as the loop of another program leaves it. */
async function tried() {
  const origin = await newRepo();
  const base = await git(origin, ['rev-parse', 'HEAD']);
  const reset = await commitFiles(origin, { 'train.py': 'LEARNING_RATE = 0.3\n', 'notes.txt': 'theirs' });
  await git(origin, ['reset', '--quiet', '--hard', base]);
  const repos = join(await newFolder(), 'repos');
  return { origin, repos, base, reset, clone: await openHomeClone({ repos, origin }) };
}

describe('an imported log', () => {
  it('has the commits that it names, also those that no branch has any more; others are left out', async () => {
    const { origin, clone, base, reset } = await tried();
    const log = logOf(
      experiment(base.slice(0, 7)),
      experiment(reset.slice(0, 7)),
      experiment('fedcba9'),
      experiment(null),
    );
    const imported = await importLog({ clone, origin, log, at: AT });
    expect(imported).toMatchObject({ isNew: true, log, commits: [base, reset] });
    expect(await git(clone, ['show', `${reset}:train.py`])).toBe('LEARNING_RATE = 0.3');
    expect(await git(clone, ['ls-tree', '--name-only', imported.ref])).toBe('log.json');
    expect(await readImported(clone)).toEqual([{ ref: imported.ref, log, commits: [base, reset] }]);
  });

  it('is there once, however often it is imported; one that has grown stands beside it', async () => {
    const { origin, clone, base } = await tried();
    const log = logOf(experiment(base));
    const first = await importLog({ clone, origin, log, at: AT });
    const refs = await allRefs(clone);
    const later = '2025-11-24T20:00:00.000Z';
    expect(await importLog({ clone, origin, log, at: later })).toEqual({ ...first, isNew: false });
    expect(await allRefs(clone)).toBe(refs);
    await importLog({ clone, origin, log: logOf(experiment(base), experiment(null)), at: later });
    expect(await readImported(clone)).toHaveLength(2);
  });

  it('outlives the machine once it is pushed, with its commits, and moves nothing of the person', async () => {
    const { origin, repos, clone, base, reset } = await tried();
    const imported = await importLog({ clone, origin, log: logOf(experiment(reset)), at: AT });
    expect(await pushImported(clone, origin, imported)).toBe(undefined);
    expect(await git(origin, ['rev-parse', 'HEAD'])).toBe(base);
    expect(await git(origin, ['status', '--porcelain'])).toBe('');
    await rm(repos, { recursive: true });
    const anew = await openHomeClone({ repos, origin });
    expect(await readImported(anew)).toMatchObject([{ ref: imported.ref, commits: [reset] }]);
    await openHomeClone({ repos, origin });
    expect(await readImported(anew)).toHaveLength(1);
  });

  it('is gone for good when it is taken back, also at the origin', async () => {
    const { origin, repos, clone, base } = await tried();
    const [log, other] = [logOf(experiment(base)), logOf(experiment(null))];
    for (const one of [log, other])
      await pushImported(clone, origin, await importLog({ clone, origin, log: one, at: AT }));
    expect(await dropImported(clone, origin, log)).toBe(true);
    expect(await dropImported(clone, origin, log)).toBe(false);
    await openHomeClone({ repos, origin });
    expect(await readImported(clone)).toMatchObject([{ log: other }]);
  });

  it('stays on this machine, and says so, when the origin does not take it', async () => {
    const { origin, repos, clone, reset } = await tried();
    const imported = await importLog({ clone, origin, log: logOf(experiment(reset)), at: AT });
    const gone = join(repos, 'nowhere');
    expect(await pushImported(clone, gone, imported)).toMatch(
      /^Could not push it to .*nowhere, so that this machine alone/,
    );
    await openHomeClone({ repos, origin });
    expect(await readImported(clone)).toHaveLength(1);
  });

  it('that cannot be read is left out and stops nobody', async () => {
    const { origin, clone, base } = await tried();
    await git(clone, ['update-ref', 'refs/autoresearch-imported/strange', base]);
    await importLog({ clone, origin, log: logOf(experiment(base)), at: AT });
    expect(await readImported(clone)).toHaveLength(1);
  });
});

describe('the imported twin of a candidate', () => {
  it('is the experiment whose commit has the same editable files, whatever else it has', async () => {
    const { origin, clone, base, reset } = await tried();
    const candidate = await newCandidate(clone, base, '0.3');
    expect(await importedTwin(clone, candidate, ['train.py'])).toBe(undefined);
    const log = logOf(experiment(base), experiment(reset.slice(0, 7), { verdict: 'crash', number: 2 }));
    await importLog({ clone, origin, log, at: AT });
    expect(await importedTwin(clone, candidate, ['train.py'])).toMatchObject({ number: 2, verdict: 'crash' });
    expect(await importedTwin(clone, candidate, ['train.py', 'notes.txt'])).toBe(undefined);
    expect(await importedTwin(clone, await newCandidate(clone, base, '0.4'), ['train.py'])).toBe(undefined);
  });
});
