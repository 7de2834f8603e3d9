import { expect, test } from 'vitest';
import { chooseProject, findProjects } from '../../src/formats/find-project.ts';
import { projectFiles } from '../support/project-files.ts';
import { problemsOf } from './problems.ts';

const found = (texts: Readonly<Record<string, string>>) =>
  findProjects({ modes: new Map(Object.keys(texts).map((path) => [path, '100644'])), texts });
const [KARPATHY, AUTOKERNEL] = [projectFiles('karpathy'), projectFiles('autokernel')];

test('a whole project wins over what is half of another, and its own task follows', () => {
  const projects = found(AUTOKERNEL);
  // `prepare.py` and `program.md` are karpathy's too.
  expect(projects.map(({ kind, missing }) => [kind, missing])).toEqual([
    ['karpathy', ['train.py']],
    ['autokernel', []],
  ]);
  const project = chooseProject(projects);
  expect(project?.kind).toBe('autokernel');
  expect(project?.derive().draft).toMatchObject({
    editable: ['kernel.py'],
    metric: { name: 'throughput_tflops' },
    prepare: { inputs: ['prepare.py'] },
  });
});

test('halves are no project, and of two whole ones the one that is named is meant', () => {
  const { 'kernel.py': _, ...half } = AUTOKERNEL;
  expect(chooseProject(found(half))).toBeUndefined();
  const both = found({ ...AUTOKERNEL, ...KARPATHY });
  expect(chooseProject(both, 'autokernel')?.kind).toBe('autokernel');
  expect(chooseProject(both, 'pi')).toBeUndefined();
  expect(problemsOf(() => chooseProject(both))).toEqual([
    expect.stringContaining('Expected one kind of project, got 2: karpathy/autoresearch (prepare.py, program.md, tr'),
  ]);
});
