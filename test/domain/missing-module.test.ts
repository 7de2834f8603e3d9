import { expect, test } from 'vitest';
import { moduleAdvice } from '../../src/domain/missing-module.ts';

const missing = (name: string): string => `Traceback …\n  import x\nModuleNotFoundError: No module named '${name}'\n`;
const prepare = (run: string) => ({ prepare: { run, inputs: [], seconds: 900 } });

test('a module of an environment that uv makes is added to the project', () => {
  expect(moduleAdvice(missing('torch'), prepare('set -e\nUV_PROJECT_ENVIRONMENT="$AUTORESEARCH_ENV" uv sync'))).toBe(
    'install it (`uv add torch`, and commit pyproject.toml and uv.lock), or commit it where it is a file of yours',
  );
});

test('another is installed for the Python that trains, by its package’s name', () => {
  for (const task of [{}, prepare('python3 prepare.py')])
    expect(moduleAdvice(missing('sklearn.linear_model'), task)).toContain('`python3 -m pip install scikit-learn`');
});

test('an environment of the task’s own is its own matter', () => {
  expect(moduleAdvice(missing('jax'), prepare('make-env "$AUTORESEARCH_ENV"'))).toContain('(jax, where `prepare`');
});

test('the last that was missing counts; nothing is said where none was', () => {
  expect(moduleAdvice(missing('apex') + missing('torch'), {})).toContain('install torch`');
  expect(moduleAdvice('ImportError: cannot import name x', {})).toBeNull();
  expect(moduleAdvice("print: ModuleNotFoundError: No module named 'a'", {})).toBeNull();
});
