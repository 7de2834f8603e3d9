// What a log that a person imported does to proposals.
import { expect, it } from 'vitest';
import { candidateRef } from '../../src/domain/names.ts';
import { writeCandidate } from '../../src/git/candidate.ts';
import { git } from '../../src/git/git.ts';
import { importLog } from '../../src/git/imported.ts';
import { commitFiles } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const EDIT = { op: 'set', file: 'train.py', name: 'LEARNING_RATE', value: '0.9' } as const;
const THEIRS = 'LEARNING_RATE = 0.9\nMOMENTUM = 0.5\n';

it('drops what an imported log has as a commit of this repo, unless a person wants it tried', async () => {
  const { repo, clone, open, propose } = await createWorkshop({ 'autoresearch.yaml': taskFile('true') });
  const contract = await open({ session: 'night', input: { seed: 1 }, at: AT });
  const { base, tag } = contract;
  const tried = await commitFiles(repo, { 'train.py': THEIRS, 'run.log': 'theirs' });
  await git(repo, ['reset', '--quiet', '--hard', base]);
  const said = {
    number: 1,
    commit: tried.slice(0, 7),
    verdict: 'discard',
    value: 1,
    metrics: {},
    description: '',
  } as const;
  const segments = [{ name: '', metric: 'loss', unit: '', direction: null, experiments: [said] }];
  await importLog({ clone, origin: repo, log: { version: 1, format: 'karpathy', segments }, at: AT });

  // An idea that waits and is to be applied to what the incumbent is now, so that it can be anything.
  const idea = { clone, files: { 'train.py': `${THEIRS}# waits\n` }, hypothesis: 'faster', proposer: 'search', at: AT };
  const waiting = await writeCandidate({ ...idea, base: contract.base, edit: [EDIT] });
  if (waiting.kind === 'unchanged') throw new Error(waiting.kind);
  const other = await writeCandidate({ ...idea, base: waiting.commit, files: { 'train.py': THEIRS }, edit: [EDIT] });
  if (other.kind === 'unchanged') throw new Error(other.kind);
  await git(clone, ['update-ref', candidateRef(tag, 1), other.commit]);
  const own = { contract, base, proposer: 'search', at: AT } as const;
  expect(await propose({ ...own, experiment: 1, rebase: true })).toEqual({
    kind: 'dropped',
    hypothesis: expect.any(String),
    reason: `the same files as commit ${said.commit}, which an imported log has as discard`,
  });
  await git(clone, ['update-ref', '-d', candidateRef(tag, 1)]); // else it is a twin of that one
  const patch = { id: 'one', edit: [EDIT], hypothesis: 'see for ourselves' };
  expect(await propose({ ...own, experiment: 2, rebase: false, patch })).toMatchObject({ kind: 'proposal' });
});
