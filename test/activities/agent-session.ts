// A session whose agent is a shell's line, under the real supervisor, and what its person has.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import type { Proposed } from '../../src/domain/proposed.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { allowCommand } from '../../src/services/allowed.ts';
import { trialDirectory } from '../../src/trainer/trial-directory.ts';
import { trialOf } from '../domain/trials.ts';
import { newFolder } from '../git/sandbox.ts';
import { recordOf } from '../proposer/records.ts';
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
  const placeOf = (experiment: number): string =>
    join(workshop.state.proposals, 'night', String(experiment), contract.base.slice(0, 12));
  const place = placeOf(1);
  const promptOf = (experiment: number): string => join(placeOf(experiment), 'prompt.md');
  const startedAt = (): unknown =>
    (JSON.parse(readFileSync(join(place, 'exit.json'), 'utf8')) as { startedAt: string }).startedAt;
  const ask = (experiment = 1) => workshop.propose({ ...request, experiment });
  /** Records how the candidate of `experiment` ended. */
  const end = async (experiment: number, proposed: Proposed, told: Partial<ExperimentRecord> = {}): Promise<void> => {
    if (proposed.kind !== 'proposal') throw new Error(`Expected a candidate that can end, got ${proposed.kind}.`);
    const { candidate, work } = proposed;
    const { edit: _edit, tree: _tree, proposer: _proposer, version: _version, ...rest } = recordOf(told);
    const record = { ...rest, experiment, candidate, base: contract.base, ...(work !== undefined && { work }) };
    await workshop.revert({ contract, record });
  };
  /** Records that it crashed, having printed `log`. */
  const crash = async (experiment: number, proposed: Proposed, log: string): Promise<void> => {
    const { root, log: path } = trialDirectory(workshop.state.trials, { session: 'night', experiment, trial: 1 });
    mkdirSync(root, { recursive: true });
    writeFileSync(path, log);
    const trials = [trialOf({ value: null, crash: { class: 'assertion', fault: 'idea' } })];
    await end(experiment, proposed, {
      verdict: 'crash',
      reason: 'an assertion failed',
      value: null,
      gain: null,
      trials,
    });
  };
  return { ...workshop, env, home, contract, request, ask, end, crash, place, promptOf, startedAt };
}
