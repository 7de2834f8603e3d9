import { expect, it } from 'vitest';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { editablePaths, taskFolder } from '../../src/domain/task.ts';
import { parseTask } from '../../src/task-file.ts';

const MINIMAL = `name: small
editable: [train.py]
train: { run: python train.py }
metric: { name: loss }
`;
const LIMIT = 'Expected `limits.peak_vram_mb` to be a number, or a multiple of the baseline such as `1.1x`';
/** A task whose metric needs a target to be measured. */
const TIMED = MINIMAL.replace('name: loss', 'name: seconds');
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
  ...[
    ['metric.name', MINIMAL.replace('loss', 'constructor')],
    ['metric.training', MINIMAL.replace('loss', 'loss, training: constructor')],
    ['limits.constructor', `${MINIMAL}limits: { constructor: 1 }\n`],
    ['plausible.constructor', `${MINIMAL}plausible: { constructor: 1 }\n`],
  ].map(([path, text = '']) => [
    `\`constructor\` as ${path}`,
    text,
    `Expected \`${path}\` to be a name of letters, digits, \`_\`, \`.\`, and none of \`__proto__\`, \`constructor\``,
  ]),
  [
    'a target of what is no metric',
    `${TIMED}target: constructor <= 3\n`,
    'Expected `target` to be about a metric, a name of letters, digits, `_`, `.`, and none of',
  ],
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
    'a time beyond a week',
    MINIMAL.replace('train.py }', 'train.py, seconds: 1e300 }'),
    'Expected `train.seconds` to be at most 604800, got 1e+300.',
  ],
  [
    'a time beyond a week elsewhere',
    `${MINIMAL}score: { run: x, seconds: 604801 }\nchecks: [{ name: a, run: b, seconds: 1e9 }]\n`,
    'Expected `score.seconds` to be at most 604800, got 604801.\nExpected `checks.0.seconds` to be at most 604800',
  ],
  ['no file at all', MINIMAL.replace('[train.py]', '[./]'), 'Expected `editable.0` to be a file or folder below'],
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
  [
    'a least gain of nothing',
    MINIMAL.replace('name: loss', 'name: loss, least: 0%'),
    'Expected `metric.least` to be a number above 0, or a share of the best\'s value such as `1%`, got "0%".',
  ],
  ['a least gain below 0', MINIMAL.replace('name: loss', 'name: loss, least: -1'), 'Expected `metric.least` to be'],
  ['a least gain that is text', MINIMAL.replace('name: loss', 'name: loss, least: some'), 'Expected `metric.least` to'],
  ['a hook of another name', `${MINIMAL}hooks: { during: x }\n`, 'Unknown option `hooks.during`'],
  ...['loss', '3.28', 'loss < 3', 'loss = 3', 'loss <= 1.1x', 'loss <= 1e999', '<= 3'].map((target) => [
    `a target that is \`${target}\``,
    `${TIMED}target: ${JSON.stringify(target)}\n`,
    `Expected \`target\` to be a metric and what it has to reach, such as \`val_bpb <= 3.28\`, got ${JSON.stringify(target)}.`,
  ]),
  ['a target that is a mapping', `${TIMED}target: { loss: 3 }\n`, 'Expected `target` to be a text, got {"loss":3}.'],
  [
    'a target beside another metric',
    `${MINIMAL}target: acc >= 0.9\n`,
    'Expected `metric.name` to be `seconds` where there is a `target`, which is to be reached in as few as possible, got "loss".',
  ],
  [
    'a target of the seconds themselves, of which more are wanted, beside a loss',
    `${TIMED.replace('seconds', 'seconds, direction: maximize, training: train_loss')}target: seconds <= 9\n`,
    [
      'Expected `metric.direction` to be `minimize` where there is a `target`, which is to be reached as soon as possible, got "maximize".',
      'Expected `metric.training` to be left out where there is a `target`: who gets there sooner may have trained less, got "train_loss".',
      'Expected `target` to be about another metric than `seconds`, which is what is optimised, got "seconds <= 9".',
    ].join('\n'),
  ],
  [
    'a score beside the baseline in no block',
    `${MINIMAL}score: { run: x, paired: 0 }\n`,
    'Expected `score.paired` to be at least 1, got 0.',
  ],
  [
    'what is no ratio, beside a score that is one',
    `${MINIMAL.replace('loss }', 'seconds, bound: 1, untrained: 9 }')}score: { run: x, paired: 10 }\ntarget: acc >= 1\n`,
    [
      'Expected `target` to be left out where the score is `paired`: values are ratios to the baseline’s then, got "acc >= 1".',
      'Expected `metric.bound` to be left out where the score is `paired`: values are ratios to the baseline’s then, got 1.',
      'Expected `metric.untrained` to be left out',
    ].join('\n'),
  ],
  ['limits that are a list', `${MINIMAL}limits: [1]\n`, 'Expected `limits` to be a mapping, got [1].'],
  ['a limit that is text', `${MINIMAL}limits: { peak_vram_mb: big }\n`, `${LIMIT}, got "big".`],
  ['a limit without its x', `${MINIMAL}limits: { peak_vram_mb: "1.1" }\n`, `${LIMIT}, got "1.1".`],
  ['a limit of no times the baseline', `${MINIMAL}limits: { peak_vram_mb: 0.0x }\n`, `${LIMIT}, got "0.0x".`],
  ['a limit below 0 times the baseline', `${MINIMAL}limits: { peak_vram_mb: -1x }\n`, `${LIMIT}, got "-1x".`],
  [
    'a negative limit',
    `${MINIMAL}limits: { peak_vram_mb: -1 }\n`,
    'Expected `limits.peak_vram_mb` to be at least 0, got -1.',
  ],
  ['a limit without end', `${MINIMAL}limits: { peak_vram_mb: .inf }\n`, `${LIMIT}, got Infinity.`],
  ['a limit that is nothing', `${MINIMAL}limits: { peak_vram_mb: }\n`, `${LIMIT}, got null.`],
  [
    'a limit on no metric',
    `${MINIMAL}limits: { peak vram: 1 }\n`,
    'Expected `limits.peak vram` to be a name of letters',
  ],
  [
    'a limit on the objective itself',
    `${MINIMAL}limits: { loss: 1.1x }\n`,
    'Expected `limits.loss` to be the limit of another metric than the one that is optimised, got "1.1x".',
  ],
  ['an empty file', '', 'Expected `name` to be a text, got nothing.'],
  ['a list', '- a\n', 'Expected autoresearch.yaml to be a mapping'],
])('names %s', (_what, text, sentence) => {
  expect(problem(text)).toContain(sentence);
});

it('takes a path as git names it', () => {
  expect(parseTask(MINIMAL.replace('[train.py]', '[./train.py, src//net.py]'), 'x').editable).toEqual([
    'train.py',
    'src/net.py',
  ]);
});

it('reads paths relative to the folder of the task file', () => {
  const task = parseTask(MINIMAL, 'tasks/small/autoresearch.yaml');
  expect(taskFolder('tasks/small/autoresearch.yaml')).toBe('tasks/small');
  expect(editablePaths({ task, taskPath: 'tasks/small/autoresearch.yaml' })).toEqual(['tasks/small/train.py']);
  expect(editablePaths({ task, taskPath: 'autoresearch.yaml' })).toEqual(['train.py']);
});

it('takes limits as numbers and as multiples of the baseline', () => {
  const { limits } = parseTask(
    `${MINIMAL}limits: { peak_vram_mb: 1.1x, params: 1e6, swaps: 0, "µ.s": 2x }\n`,
    'a.yaml',
  );
  expect(limits).toEqual({ peak_vram_mb: '1.1x', params: 1_000_000, swaps: 0, 'µ.s': '2x' });
});
