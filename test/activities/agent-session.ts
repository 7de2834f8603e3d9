// A session whose agent is a shell's line, under the real supervisor, and what its person has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { allowCommand } from '../../src/services/allowed.ts';
import { newFolder } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

/** Edits as an agent might. */
export const HIGHER = `sed -i 's/^LEARNING_RATE = .*/LEARNING_RATE = 0.3/' train.py`;
/** Reads Python without running it. */
export const readCode = createReadCode(() => {});

/** Opens it; `furnish` fills its person's home. */
export async function opened(
  command: string,
  more: NodeJS.ProcessEnv = {},
  furnish: (home: string) => void = () => {},
) {
  const home = await newFolder();
  furnish(home);
  const env = { PATH: process.env['PATH'], HOME: home, ...more };
  const task = { 'autoresearch.yaml': `${taskFile('echo METRIC loss=1')}instructions: make it learn faster\n` };
  const workshop = await createWorkshop(task, readCode, env);
  await allowCommand(workshop.state, command); // as `start` does
  const contract = await workshop.open({ session: 'night', input: { proposer: 'command', command }, at: AT });
  const input = { contract, experiment: 1, base: contract.base, proposer: 'command', rebase: false, at: AT } as const;
  const request = { ...input, command, hints: ['be bold'], choice: {} };
  const place = join(workshop.state.proposals, 'night', '1', contract.base.slice(0, 12));
  const startedAt = (): unknown =>
    (JSON.parse(readFileSync(join(place, 'exit.json'), 'utf8')) as { startedAt: string }).startedAt;
  return { ...workshop, env, home, contract, request, ask: () => workshop.propose(request), place, startedAt };
}
