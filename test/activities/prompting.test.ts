// What of the task itself a proposer that can read is told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';
import { allowCommand } from '../../src/services/allowed.ts';
import { newFolder } from '../git/sandbox.ts';
import { AT, createWorkshop, taskFile } from './workshop.ts';

const AGENT = `sed -i 's/0.1/0.3/' train.py`;

/** What an agent is told in a session of this task. */
async function promptOf(more: string, files: Record<string, string> = {}, metric = 'loss'): Promise<string> {
  const task = taskFile('echo METRIC loss=1', more).replace('name: loss', `name: ${metric}`);
  const env = { PATH: process.env['PATH'], HOME: await newFolder() };
  const readCode = createReadCode(() => {});
  const { state, open, propose } = await createWorkshop({ 'autoresearch.yaml': task, ...files }, readCode, env);
  await allowCommand(state, AGENT);
  const contract = await open({ session: 'night', input: { proposer: 'command', command: AGENT }, at: AT });
  const { base } = contract;
  await propose({ contract, experiment: 1, base, proposer: 'command', rebase: false, at: AT, command: AGENT });
  return readFileSync(join(state.proposals, 'night/1', base.slice(0, 12), 'prompt.md'), 'utf8');
}

it('shows instructions from several files by their names, and a long one only as far as it is read', async () => {
  const prompt = await promptOf('instructions: [program.md, ideas.md, Be brave.]\n', {
    'program.md': 'Make it faster.\n',
    'ideas.md': `- A larger rate.\n${'- Another.\n'.repeat(3000)}- The last.\n`,
  });
  expect(prompt).toContain('In program.md:\nMake it faster.');
  expect(prompt).toContain('In ideas.md:\n- A larger rate.\n');
  expect(prompt).toContain('\n[cut]\n\nBe brave.');
  expect(prompt).not.toContain('- The last.');
});

it('shows one file as it is', async () => {
  const prompt = await promptOf('instructions: program.md\n', { 'program.md': 'Make it faster.\n' });
  expect(prompt).toContain('What the owner of the project says:\nMake it faster.\n');
});

it('says what a keep has to gain', async () => {
  expect(await promptOf('', {}, 'loss, least: 1%')).toContain(
    "- a gain of less than 1% of the best's value is not kept, unless the code gets shorter\n",
  );
  expect(await promptOf('', {}, 'loss, least: 0.5')).toContain('- a gain of less than 0.5 is not kept');
});
