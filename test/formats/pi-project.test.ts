import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import { findProjects } from '../../src/formats/find-project.ts';
import { projectText } from '../../src/formats/project-text.ts';
import { parseTask } from '../../src/task-file.ts';
import { projectFiles } from '../support/project-files.ts';

type Texts = Readonly<Record<string, string>>;
const FILES: Texts = projectFiles('pi');
const PROMPT = FILES['.auto/prompt.md'] ?? '';

/** Scripts can be run unless `plain` names them. */
function projectOf(texts: Texts, plain: readonly string[] = []) {
  const modeOf = (path: string): string => (path.endsWith('.sh') && !plain.includes(path) ? '100755' : '100644');
  return findProjects({ modes: new Map(Object.keys(texts).map((path) => [path, modeOf(path)])), texts })[0];
}

function derived(texts: Texts, plain?: readonly string[]) {
  const project = projectOf(texts, plain);
  if (project === undefined) throw new Error('Expected a project.');
  const { draft, ...settings } = project.derive();
  return { ...parseTask(projectText(project.kind, draft), 'task'), ...settings };
}

function problems(texts: Texts, plain?: readonly string[]): readonly string[] {
  try {
    derived(texts, plain);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
  return [];
}

const prompted = (prompt: string): Texts => ({ ...FILES, '.auto/prompt.md': prompt });
const without = (...paths: string[]): Texts =>
  Object.fromEntries(Object.entries(FILES).filter(([path]) => !paths.includes(path)));

test('a task follows from what is in scope, the script, its checks, and how many experiments are asked for', () => {
  expect(projectOf(FILES)).toMatchObject({ kind: 'pi', missing: [] });
  expect(derived(FILES)).toMatchObject({
    name: 'a cheap buffer',
    instructions: ['.auto/prompt.md', '.auto/ideas.md'],
    editable: ['src/flush_plan.py', 'src/settings.py'],
    train: { run: 'bash .auto/measure.sh', seconds: 600, startupSeconds: 0 },
    metric: { name: 'total_ms', direction: 'minimize', unit: 'ms' },
    checks: [{ name: 'checks.sh', run: 'bash .auto/checks.sh', seconds: 300 }],
    experiments: 2,
  });
  expect(derived(without('.auto/checks.sh', '.auto/config.json', '.auto/ideas.md'))).toMatchObject({
    checks: [],
    instructions: '.auto/prompt.md',
  });
});

test('the flat files of older versions say the same; with both, those in the folder count', () => {
  const flat = {
    'autoresearch.md': PROMPT,
    'autoresearch.sh': FILES['.auto/measure.sh'] ?? '',
    'autoresearch.checks.sh': 'true',
    'autoresearch.config.json': '{"maxIterations": 7}',
    'src/settings.py': '',
    'src/flush_plan.py': '',
    'autoresearch.hooks/after.sh': 'true',
  };
  expect(derived(flat)).toMatchObject({
    instructions: 'autoresearch.md',
    train: { run: 'bash autoresearch.sh' },
    checks: [{ run: 'bash autoresearch.checks.sh' }],
    hooks: { after: 'autoresearch.hooks/after.sh' },
    experiments: 7,
  });
  expect(derived({ ...flat, ...FILES })).toMatchObject({ experiments: 2, hooks: { before: '.auto/hooks/before.sh' } });
});

test('hooks run where they can be run: one without the run bit is switched off', () => {
  const [before, after] = ['.auto/hooks/before.sh', '.auto/hooks/after.sh'];
  expect(derived(FILES).hooks).toEqual({ before, after });
  expect(derived(FILES, [after]).hooks).toEqual({ before });
  expect(derived(FILES, [before, after]).hooks).toBeUndefined();
});

test('half a project lacks its prompt or its script; a folder of that name alone is none', () => {
  expect(projectOf(without('.auto/prompt.md'))?.missing).toEqual(['.auto/prompt.md']);
  expect(projectOf(without('.auto/measure.sh'))?.missing).toEqual(['.auto/measure.sh']);
  expect(projectOf(without('.auto/measure.sh', '.auto/prompt.md'))).toBeUndefined();
});

test.each([
  ['a folder', '- `src/`: everything', ['src/flush_plan.py', 'src/settings.py']],
  [
    'several in a line',
    '- `src/settings.py`, `src/flush_plan.py` and what they need',
    ['src/flush_plan.py', 'src/settings.py'],
  ],
  ['a pattern', '1. **`./**/*.py`** (all of it)', ['src/flush_plan.py', 'src/settings.py']],
  ['a bare path', '* src/settings.py: sizes, see `src/cost.py`', ['src/settings.py']],
  ['a line that is no list', '`src/settings.py` has the sizes', ['src/settings.py']],
])('the scope may be %s', (_, scope, editable) => {
  const prompt = PROMPT.replace(/(## Files in Scope\n)[^#]*/, `$1${scope}\n\n`);
  expect(derived(prompted(prompt)).editable).toEqual(editable);
});

test('its own files are in no scope', () => {
  const prompt = PROMPT.replace(/(## Files in Scope\n)[^#]*/, '$1- .auto/measure.sh\n- src/settings.py\n\n');
  expect(problems(prompted(prompt))).toEqual([
    'Expected `## Files in Scope` of .auto/prompt.md to name committed files, got ".auto/measure.sh".',
  ]);
});

test('what its log was set up with last is the metric', () => {
  const log = [
    '{"type":"config","name":"a","metricName":"total_ms","metricUnit":"ms","bestDirection":"lower"}',
    'torn',
    '{"type":"config","name":"b","metricName":"calls","metricUnit":"","bestDirection":"higher"}',
  ].join('\n');
  expect(derived({ ...FILES, '.auto/log.jsonl': log }).metric).toEqual({ name: 'calls', direction: 'maximize' });
  const inSeconds = log.replace('"metricUnit":""', '"metricUnit":"calls/s"');
  expect(derived({ ...FILES, '.auto/log.jsonl': inSeconds }).metric).toMatchObject({ name: 'calls', unit: 'calls/s' });
});

test('a log that was set up with what is no metric is refused', () => {
  const log = '{"type":"config","name":"a","metricName":"constructor","metricUnit":"","bestDirection":"lower"}\n';
  expect(problems({ ...FILES, '.auto/log.jsonl': log })).toEqual([
    'Expected the metric that .auto/log.jsonl was set up with last to have a name of letters, digits, `_`, `.`, and none of `__proto__`, `constructor`, `prototype`; got "constructor".',
  ]);
});

test.each([
  ['(s, lower is better)', 's'],
  ['(tokens per second, higher is better)', 'tokens per second'],
  ['(lower is better)', undefined],
  ['(lower is better, of five)', undefined],
  [': lower is better', undefined],
])('the unit of a metric said as `%s` is %s', (said, unit) => {
  const prompt = PROMPT.replace('(ms, lower is better)', said);
  expect(derived(prompted(prompt)).metric.unit).toBe(unit);
});

test('the script’s one metric is meant where the prompt names none', () => {
  const texts = {
    ...prompted(PROMPT.replace(/- \*\*Primary.*/, '- Primary: — maximize')),
    '.auto/measure.sh': 'echo "METRIC ops_s=$x"',
  };
  expect(derived(texts).metric).toMatchObject({ name: 'ops_s', direction: 'maximize' });
});

test('every mistake is named at once', () => {
  const texts = {
    ...prompted('# Autoresearch: x\n\n## Metrics\n- **Primary**: total_ms (ms, lower/higher is better)\n'),
    '.auto/config.json': '{"maxIterations": "many"}',
  };
  expect(problems(texts, ['.auto/measure.sh'])).toEqual([
    'Expected .auto/measure.sh to be a script that can be run, got a file without the run bit; git update-index --chmod=+x .auto/measure.sh, and commit.',
    'Expected .auto/prompt.md to list files under `## Files in Scope`, got none; a line is `- path`.',
    'Expected .auto/prompt.md to say whether a lower or a higher total_ms is better, under `## Metrics`, as `- **Primary**: name (unit, lower is better)`, got neither.',
    'Expected .auto/config.json to be JSON with a whole number `maxIterations`, if any.',
  ]);
  expect(problems({ ...FILES, '.auto/config.json': '{"workingDir": "/elsewhere"}' })).toEqual([
    'Expected .auto/config.json to be about its own folder, got /elsewhere; start the session there.',
  ]);
  expect(problems(prompted(PROMPT.replaceAll('`src/cost.py`', '`src`')))).toEqual([
    'Expected .auto/prompt.md to leave a file in scope, got all of them off limits.',
  ]);
});
