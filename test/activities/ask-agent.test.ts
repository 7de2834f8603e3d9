// The proposer `command` on a real repo: small programs as agents, under the real supervisor.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { newFolder } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const HIGHER = `sed -i 's/^LEARNING_RATE = .*/LEARNING_RATE = 0.3/' train.py`;

/** A session whose agent is a shell's line; `home` is its person's. */
async function opened(command: string, more: NodeJS.ProcessEnv = {}, files: Record<string, string> = {}) {
  const home = await newFolder();
  const env = { PATH: process.env['PATH'], HOME: home, ...more };
  const task = {
    'autoresearch.yaml': `${taskFile('echo METRIC loss=1')}instructions: make it learn faster\n`,
    ...files,
  };
  const workshop = await createWorkshop(
    task,
    createReadCode(() => {}),
    env,
  );
  const contract = await workshop.open({ session: 'night', input: { proposer: 'command', command }, at: AT });
  const request = { contract, experiment: 1, base: contract.base, proposer: 'command', rebase: false, at: AT } as const;
  const ask = () => workshop.propose({ ...request, command, hints: ['be bold'] });
  const place = join(workshop.state.proposals, 'night', '1', contract.base.slice(0, 12));
  return { ...workshop, home, contract, ask, place };
}

it('makes a candidate of what an agent edited, with the reason that it wrote down', async () => {
  const { ask, clone, place } = await opened(
    `cat > asked && mv asked .autoresearch-asked; ${HIGHER}; mkdir -p .autoresearch; echo 'a higher rate' > .autoresearch/hypothesis.md; rm .autoresearch-asked`,
  );
  const proposed = await ask();
  expect(proposed).toMatchObject({ kind: 'proposal', hypothesis: 'a higher rate' });
  if (proposed.kind !== 'proposal') throw new Error(proposed.kind);
  expect(await git(clone, ['show', `${proposed.candidate}:train.py`])).toBe('LEARNING_RATE = 0.3\nMOMENTUM = 0.5');
  expect(readFileSync(join(place, 'prompt.md'), 'utf8')).toContain('be bold');
  expect(existsSync(join(place, 'tree'))).toBe(false);
});
