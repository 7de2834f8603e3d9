import { expect, it } from 'vitest';
import { git } from '../../src/git/git.ts';
import { diff, keptLog, keptTip } from '../../src/git/inspect.ts';
import { closeExperiment } from '../../src/git/transaction.ts';
import { newCandidate, newRecord, newSession } from './sandbox.ts';

it('tells the kept line and what each commit changed', async () => {
  const { clone, tag, base } = await newSession();
  expect(await keptLog(clone, tag, base)).toEqual([]);
  const commits = [base];
  for (const [index, value] of ['0.002', '0.003'].entries()) {
    const expectedTip = commits[0] ?? '';
    const newTip = await newCandidate(clone, expectedTip, value);
    const record = newRecord(index + 1, { verdict: 'keep', candidate: newTip });
    await closeExperiment({ clone, tag, record, keep: { expectedTip, newTip } });
    commits.unshift(newTip);
  }
  expect(await keptTip(clone, tag)).toBe(commits[0]);
  const log = await keptLog(clone, tag, base);
  expect(log.map(({ commit }) => commit)).toEqual(commits.slice(0, 2));
  expect(log[0]).toMatchObject({ subject: 'LEARNING_RATE 0.001 -> 0.003', at: '2025-11-23T20:01:00+00:00' });
  const patch = await diff(clone, base, commits[0] ?? '');
  expect(patch).toContain('-LEARNING_RATE = 0.001\n+LEARNING_RATE = 0.003');
  expect(await diff(clone, base, base)).toBe('');
});

it('shows no colours and runs no diff program of the person', async () => {
  const { origin, base, clone } = await newSession();
  await git(clone, ['config', 'color.ui', 'always']);
  await git(clone, ['config', 'diff.external', 'false']);
  const candidate = await newCandidate(clone, base, '1');
  expect(await diff(clone, base, candidate)).toMatch(/^diff --git/);
  expect(await keptTip(origin, 'nobody')).toBeUndefined();
});
