import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createReadCode } from '../../../src/proposer/gate/read-code.ts';
import { newFolder } from '../../git/sandbox.ts';

const refuse = (text: string): never => {
  throw new Error(text);
};
const readCode = createReadCode(refuse);

it('reads each file of each version, and says which Python it is', async () => {
  const versions = [{ 'a.py': 'import socket\n', 'b.py': 'x = (\n' }, { 'a.py': 'y = 1\n' }];
  const readings = await readCode({ versions, harness: [] });
  expect(readings?.python).toMatch(/^3\.\d+$/);
  expect(readings?.versions).toEqual([
    {
      'a.py': { normal: expect.any(String), findings: [['network', 'socket']], data: 0 },
      'b.py': { problem: expect.stringMatching(/^line \d: /) },
    },
    { 'a.py': { normal: expect.any(String), findings: [], data: 4 } },
  ]);
});

it.each([
  ['what only its place forbids', 'return 1\n'],
  ['a NUL byte', 'x = "\0"\n'],
  ['brackets without end', `x = ${'('.repeat(300)}`],
  ['a tree as deep as a well', `x = ${'-'.repeat(60_000)}1\n`],
  ['a sum of thousands', `x = 1${'+1'.repeat(30_000)}\n`],
  ['a coding that there is not', '# -*- coding: nonsense -*-\n'],
])('says the problem with %s', async (_, source) => {
  const readings = await readCode({ versions: [{ 'a.py': source }, { 'a.py': 'x = 1\n' }], harness: [] });
  expect(readings?.versions).toMatchObject([{ 'a.py': { problem: expect.any(String) } }, { 'a.py': { findings: [] } }]);
});

it('reads a source as its own coding line has it read', async () => {
  // To the interpreter this comment is a line of code.
  const source = '# -*- coding: utf-7 -*-\n# +AAo-import socket\n';
  const readings = await readCode({ versions: [{ 'a.py': source }], harness: [] });
  expect(readings?.versions[0]).toMatchObject({ 'a.py': { findings: [['network', 'socket']] } });
});

it('works out no number that is too large to be one', async () => {
  const source = 'a = 2**2**2**30\nb = 1 << 10**9\nc = 1 / 0\nd = 9.0**9999\ne = 3 % 0.0\nf = -(2**64)\n';
  const readings = await readCode({ versions: [{ 'a.py': source }], harness: [] });
  expect(readings?.versions[0]).toMatchObject({ 'a.py': { findings: [] } });
});

it('runs nothing of what it reads, and looks for nothing beside it', async () => {
  const folder = await newFolder();
  const mark = join(folder, 'mark');
  const source = `open(${JSON.stringify(mark)}, "w")\nimport no_such_module\nraise SystemExit\n`;
  const readings = await readCode({ versions: [{ 'a.py': source }], harness: [] });
  expect(readings?.versions[0]).toMatchObject({ 'a.py': { findings: [] } });
  await expect(writeFile(mark, '', { flag: 'wx' })).resolves.toBeUndefined();
});

it('says once that there is no Python, and answers nothing', async () => {
  const warnings: string[] = [];
  const none = createReadCode((text) => warnings.push(text), join(await newFolder(), 'python3'));
  expect(await none({ versions: [{ 'a.py': 'x = 1\n' }], harness: [] })).toBeNull();
  expect(await none({ versions: [{ 'a.py': 'x = 1\n' }], harness: [] })).toBeNull();
  expect(warnings).toEqual([expect.stringMatching(/^Expected .*python3, 3\.9 or newer.* install it\.$/)]);
});

/** A Python that answers with these lines of shell. */
async function fakePython(script: string): Promise<string> {
  const path = join(await newFolder(), 'python3');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

it('takes a Python that always fails for none', async () => {
  const warnings: string[] = [];
  const broken = createReadCode((text) => warnings.push(text), await fakePython('echo too old >&2; exit 1'));
  expect(await broken({ versions: [{ 'a.py': 'x = 1\n' }], harness: [] })).toBeNull();
  expect(warnings[0]).toContain('got: too old.');
});

it('blames the source that Python does not survive, and that one alone', async () => {
  const dies = await fakePython(
    'input=$(cat); case $input in *deadly*) kill -SEGV $$;; esac; printf %s "$input" | python3 "$@"',
  );
  const versions = [{ 'a.py': 'x = 1\n' }, { 'a.py': 'deadly = 1\n', 'b.py': '' }];
  const readings = await createReadCode(refuse, dies)({ versions, harness: [] });
  const problem = 'it is too much for the parser';
  expect(readings?.versions).toMatchObject([
    { 'a.py': { findings: [] } },
    { 'a.py': { problem }, 'b.py': { problem } },
  ]);
});
