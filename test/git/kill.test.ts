// Kills the process that writes, at moments of chance's choosing, and looks whether anything was lost or doubled.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { closeExperiment, type ClosingInput } from '../../src/git/transaction.ts';
import { allRefs, newCandidate, newRecord, newSession } from './sandbox.ts';

const CLOSER = `
import { closeExperiment } from ${JSON.stringify(new URL('../../src/git/transaction.ts', import.meta.url).href)};
const inputs = JSON.parse(process.argv[1]);
console.log('ready');
for (const input of inputs) {
  const closing = await closeExperiment(input);
  if (closing.kind !== 'closed') throw new Error(closing.kind);
}
`;

/** Closes experiments in a process of its own; `killAfterMs` after it began to write, it is killed. True when done. */
async function close(inputs: readonly ClosingInput[], killAfterMs?: number): Promise<boolean> {
  const args = ['--import', 'tsx', '--input-type=module', '-e', CLOSER, JSON.stringify(inputs)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? 3_600_000);
  const [code] = await ended;
  clearTimeout(timer);
  return code === 0;
}

it('loses and doubles nothing when the writer is killed again and again', async () => {
  const { clone, tag, base } = await newSession();
  const inputs: ClosingInput[] = [];
  let tip = base;
  for (let n = 1; n <= 12; n++) {
    const candidate = await newCandidate(clone, tip, `0.${n}`);
    const verdict = n % 2 === 0 ? 'keep' : 'discard';
    const record = newRecord(n, { candidate, verdict });
    inputs.push({
      clone,
      tag,
      record,
      ...(verdict === 'keep' ? { keep: { expectedTip: tip, newTip: candidate } } : {}),
    });
    if (verdict === 'keep') tip = candidate;
  }
  const calm = `${clone}.calm`;
  await cp(clone, calm, { recursive: true });
  for (const input of inputs) await closeExperiment({ ...input, clone: calm });
  let kills = 0;
  while (kills < 8) {
    if (await close(inputs, Math.random() * 400)) break;
    kills += 1;
  }
  expect(await close(inputs)).toBe(true);
  expect(await allRefs(clone)).toBe(await allRefs(calm));
  expect(await git(clone, ['fsck', '--connectivity-only', '--no-dangling'])).toBe('');
});
