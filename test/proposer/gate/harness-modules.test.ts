import { expect, it } from 'vitest';
import { taskSchema } from '../../../src/domain/task.ts';
import { harnessModules } from '../../../src/proposer/gate/harness-modules.ts';

it('knows the usual modules and those that the commands of the task name, editable ones left out', () => {
  const task = taskSchema.parse({
    name: 't',
    editable: ['train.py', 'prepare.py'],
    prepare: { run: 'python3 data/fetch.py', inputs: ['words.txt', 'vocabulary.py'] },
    train: { run: 'python train.py' },
    score: { run: 'python -B judge.py --strict && python train.py' },
    checks: [{ name: 'tests', run: 'python tests/check_all.py' }],
    metric: { name: 'loss' },
  });
  const names = ['candidate', 'check_all', 'fetch', 'judge', 'score', 'serve', 'vocabulary'];
  expect(harnessModules(task).toSorted()).toEqual(names);
});
