// What `open` freezes of another program's project.
import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { readLedger } from '../../src/git/ledger.ts';
import { projectFiles } from '../support/project-files.ts';
import { AT, createWorkshop } from './workshop.ts';

it('opens another program’s project by the task that follows from its files, and freezes those', async () => {
  const { open, clone } = await createWorkshop(projectFiles('karpathy'));
  const contract = await open({ session: 'night', input: {}, at: AT });
  expect(contract).toMatchObject({ taskPath: 'autoresearch.yaml', task: { editable: ['train.py'] } });
  expect((await readLedger(clone, contract.tag))?.events).toMatchObject([{ kind: 'open', project: 'karpathy' }]);
  expect(await open({ session: 'night', input: {}, at: AT })).toEqual(contract);
});

it('opens a project with what a short task file says otherwise, and keeps that it is one', async () => {
  const short = 'metric: { name: val_loss }\ntrain: { seconds: 60 }\n';
  const { open, clone } = await createWorkshop({ ...projectFiles('karpathy'), 'autoresearch.yaml': short });
  const contract = await open({ session: 'night', input: {}, at: AT });
  expect(contract).toMatchObject({
    project: 'karpathy',
    task: { editable: ['train.py'], metric: { name: 'val_loss', direction: 'minimize' }, train: { seconds: 60 } },
  });
  const [event] = (await readLedger(clone, contract.tag))?.events ?? [];
  expect(event).toMatchObject({ project: 'karpathy', overlaid: true });
});

it('answers how many experiments the project asks for, and writes that down, unless the input says a number', async () => {
  const { open, repo, clone } = await createWorkshop(projectFiles('pi'));
  await git(repo, ['update-index', '--chmod=+x', '.auto/measure.sh']);
  await git(repo, ['commit', '--quiet', '--message', 'run bit']);
  const contract = await open({ session: 'night', input: {}, at: AT });
  expect(contract).toMatchObject({ project: 'pi', experiments: 2 });
  expect((await readLedger(clone, contract.tag))?.events).toMatchObject([{ input: { experiments: 2 } }]);
  const other = await open({ session: 'long', input: { experiments: 9 }, at: AT });
  expect(other.experiments).toBeUndefined();
  expect((await readLedger(clone, other.tag))?.events).toMatchObject([{ input: { experiments: 9 } }]);
});
