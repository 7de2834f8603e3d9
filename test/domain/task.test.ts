import { expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { editablePaths, taskFolder } from '../../src/domain/task.ts';
import { parseTask } from '../../src/task-file.ts';

const MINIMAL = `name: small
editable: [train.py]
train: { run: python train.py }
metric: { name: loss }
`;
const problem = (text: string): string => {
  try {
    parseTask(text, 'autoresearch.yaml');
    return 'no problem';
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
};

it('fills in what a minimal task file leaves out', () => {
  expect(parseTask(MINIMAL, 'autoresearch.yaml')).toMatchObject({
    train: { seconds: 300, startupSeconds: 120, stallSeconds: 120 },
    metric: { name: 'loss', direction: 'minimize' },
    checks: [],
    hidden: [],
  });
});

it.each([
  ['bad YAML', 'name: [unclosed', 'Expected autoresearch.yaml to be YAML'],
  ['a key given twice', `${MINIMAL}name: again\n`, 'Expected autoresearch.yaml to be YAML'],
  ['an unknown key', `${MINIMAL}colour: blue\n`, 'Unknown option `colour` in autoresearch.yaml'],
  [
    'an unknown key further down',
    MINIMAL.replace('name: loss', 'name: loss, colour: blue'),
    'Unknown option `metric.colour`',
  ],
  ['no metric', MINIMAL.replace(/metric.*\n/, ''), 'Expected `metric` to be a mapping, got nothing.'],
  ['a blank metric name', MINIMAL.replace('name: loss', 'name: " "'), 'Expected `metric.name` to be a name of letters'],
  [
    'a budget of 0',
    MINIMAL.replace('train.py }', 'train.py, seconds: 0 }'),
    'Expected `train.seconds` to be at least 0.1, got 0.',
  ],
  [
    'a budget that is text',
    MINIMAL.replace('train.py }', 'train.py, seconds: long }'),
    'Expected `train.seconds` to be a number, got "long".',
  ],
  [
    'an editable file outside the repo',
    MINIMAL.replace('[train.py]', '[../train.py]'),
    'Expected `editable.0` to be a path inside the repo',
  ],
  [
    'an absolute editable path',
    MINIMAL.replace('[train.py]', '[/etc/passwd]'),
    'Expected `editable.0` to be a path inside the repo',
  ],
  ['nothing editable', MINIMAL.replace('[train.py]', '[]'), 'Expected `editable` to be at least 1 entries long'],
  ['an empty file', '', 'Expected `name` to be a text, got nothing.'],
  ['a list', '- a\n', 'Expected autoresearch.yaml to be a mapping'],
])('names %s', (_what, text, sentence) => {
  expect(problem(text)).toContain(sentence);
});

it('reads paths relative to the folder of the task file', () => {
  const task = parseTask(MINIMAL, 'tasks/small/autoresearch.yaml');
  expect(taskFolder('tasks/small/autoresearch.yaml')).toBe('tasks/small');
  expect(editablePaths({ task, taskPath: 'tasks/small/autoresearch.yaml' })).toEqual(['tasks/small/train.py']);
  expect(editablePaths({ task, taskPath: 'autoresearch.yaml' })).toEqual(['train.py']);
});
