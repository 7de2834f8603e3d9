// A project of pi-autoresearch in the hands of the activities: what its script prints, and who may change that script.
import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { writeCandidate } from '../../src/git/candidate.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { allowCommand } from '../../src/services/allowed.ts';
import { newFolder, type Files } from '../git/sandbox.ts';
import { projectFiles } from '../support/project-files.ts';
import { AT, createWorkshop } from './workshop.ts';

const MEASURE = '.auto/measure.sh';
const FILES: Files = Object.fromEntries(
  Object.entries(projectFiles('pi')).map(([path, text]) => [path, path.endsWith('.sh') ? { exec: text } : text]),
);

async function opened(files: Files) {
  const workshop = await createWorkshop(files);
  return { ...workshop, contract: await workshop.open({ session: 'night', input: {}, at: AT }) };
}

it('takes the last METRIC line of a script that prints one for each repetition, and no words beside them', async () => {
  const measure = '#!/bin/bash\nfor ms in 15.2 14.9; do echo METRIC total_ms=$ms; done\necho total_ms: 15\n';
  const { contract, tryBase } = await opened({ ...FILES, [MEASURE]: { exec: measure } });
  expect(await tryBase(contract)).toMatchObject({ scored: { kind: 'value', value: 14.9 } });
});

it('drops what an agent changed of the script that measures', async () => {
  const command = `sed -i 's/python3.*/echo METRIC total_ms=0/' ${MEASURE}`;
  const env = { PATH: process.env['PATH'], HOME: await newFolder() };
  const workshop = await createWorkshop(
    FILES,
    createReadCode(() => {}),
    env,
  );
  await allowCommand(workshop.state, command);
  const contract = await workshop.open({ session: 'night', input: { proposer: 'command', command }, at: AT });
  const { base } = contract;
  const asked = { contract, experiment: 1, base, proposer: 'command', rebase: false, at: AT, command } as const;
  expect(await workshop.propose(asked)).toMatchObject({
    kind: 'dropped',
    reason: expect.stringContaining(`not editable: ${MEASURE}`),
  });
});

it('trains no commit whose script measures otherwise', async () => {
  const { contract, clone, tryCommit } = await opened(FILES);
  const written = await writeCandidate({
    clone,
    base: contract.base,
    files: { [MEASURE]: '#!/bin/bash\necho METRIC total_ms=0\n' },
    hypothesis: 'faster',
    proposer: 'command',
    edit: [],
    at: AT,
  });
  if (written.kind === 'unchanged') throw new Error('unchanged');
  const { commit } = written;
  await git(clone, ['update-ref', 'refs/autoresearch/night/1', commit]);
  expect(await tryCommit({ contract, experiment: 1, trial: 1, commit, seed: 7 })).toMatchObject({
    trained: { failure: expect.stringContaining(`not editable: ${MEASURE}`) },
    scored: null,
  });
});
