import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProjects } from '../../src/formats/find-project.ts';
import { projectText } from '../../src/formats/project-text.ts';
import { parseTask } from '../../src/task-file.ts';
import { projectFiles } from '../support/project-files.ts';

const FILES = projectFiles('autokernel');

function projectOf(texts: Readonly<Record<string, string>>) {
  const found = findProjects({ modes: new Map(Object.keys(texts).map((path) => [path, '100644'])), texts });
  // Its `prepare.py` and `program.md` are half a project of another kind.
  return found.find(({ kind }) => kind === 'autokernel');
}

function taskOf(texts: Readonly<Record<string, string>>) {
  const project = projectOf(texts);
  if (project === undefined) throw new Error('Expected a project.');
  const { draft, needsUv } = project.derive();
  return { ...parseTask(projectText(project.kind, draft), 'task'), needsUv };
}

test('a project of AutoKernel is known by what its bench prints; without a kernel it is half of one', () => {
  expect(projectOf(FILES)).toMatchObject({ kind: 'autokernel', found: ['bench.py', 'kernel.py'], missing: [] });
  const { 'kernel.py': _, ...half } = FILES;
  expect(projectOf(half)).toMatchObject({ missing: ['kernel.py'] });
  expect(projectOf({ 'bench.py': 'print("fast")', 'kernel.py': '' })).toBeUndefined();
});

test('its task edits the kernel alone, raises the throughput, and prepares what there is to prepare', () => {
  expect(taskOf(FILES)).toMatchObject({
    name: 'sum',
    instructions: 'program.md',
    editable: ['kernel.py'],
    train: { seconds: 180, startupSeconds: 0 },
    metric: { name: 'throughput_tflops', direction: 'maximize', least: '1%' },
    checks: [{ name: 'correctness' }],
    prepare: { inputs: ['prepare.py'], run: expect.stringContaining('XDG_CACHE_HOME/autokernel') },
    needsUv: false,
  });
  const { 'prepare.py': _, ...unprepared } = FILES;
  expect(taskOf(unprepared)).not.toHaveProperty('prepare');
  expect(taskOf({ ...FILES, 'pyproject.toml': '[project]\n', 'uv.lock': '' })).toMatchObject({
    editable: ['kernel.py'],
    needsUv: true,
    prepare: { inputs: ['prepare.py', 'pyproject.toml', 'uv.lock'] },
  });
});

test.each([
  ['correctness: PASS\nthroughput_tflops: 1.000\ncorrectness: PASS\n', true],
  ['  correctness: PASS\n', false],
  ['correctness: PASS\ncorrectness: FAIL\n', false],
  ['correctness: FAIL\n', false],
  ['', false],
])('the gate on a bench that printed %j: %s', (log, passes) => {
  const out = mkdtempSync(join(tmpdir(), 'autoresearch-gate-'));
  try {
    writeFileSync(join(out, 'bench.log'), log);
    const gate = taskOf(FILES).checks[0]?.run ?? 'true';
    const { status } = spawnSync('bash', ['-c', gate], { env: { ...process.env, AUTORESEARCH_OUT: out } });
    expect(status === 0).toBe(passes);
  } finally {
    rmSync(out, { recursive: true });
  }
});
