import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { commandLine, countsOf, presetNames, programOf, templateOf } from '../../../src/proposer/agent/presets.ts';

const folder = mkdtempSync(join(tmpdir(), 'autoresearch a "folder" $HOME '));
afterAll(() => rmSync(folder, { recursive: true }));
const prompt = join(folder, 'prompt');
writeFileSync(prompt, 'be bold');

/** What a template prints when bash runs it. */
const run = (template: string): string =>
  execFileSync('bash', ['-c', commandLine(template)], {
    env: {
      PATH: process.env['PATH'],
      AUTORESEARCH_PROMPT: prompt,
      AUTORESEARCH_EDITABLE: 'a b.py\nc.py',
      prompt: 'mine',
    },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

it.each([
  ['on stdin', 'cat', 'be bold'],
  ['as a file', 'cat {prompt}', 'be bold'],
  ['as a file in double quotes', 'cat "{prompt}"', 'be bold'],
  ['as a file in single quotes', `cat '{prompt}'`, 'be bold'],
  ['as an argument', 'printf %s "$(cat {prompt})"', 'be bold'],
  ['as a file, and nothing on stdin', 'cat - {prompt}', 'be bold'],
])('gives the prompt %s, whatever its path', (_how, template, said) => {
  expect(run(template)).toBe(said);
});

it('names the editable files, each as one word, and leaves a person’s own variables alone', () => {
  expect(run(String.raw`printf '<%s>' {files}; cat > /dev/null`)).toBe('<a b.py><c.py>');
  expect(run('printf %s "${prompt}"')).toBe('mine');
});

it('knows which program a template starts', () => {
  expect(presetNames.map((name) => programOf(templateOf(name)))).toEqual(presetNames);
  expect(programOf('A=1 B="x" exec ./agent.sh --fast')).toBe('./agent.sh');
  expect(programOf(`A='x y z' B="a b" ./agent.sh`)).toBe('./agent.sh');
  expect(programOf('(cd x; y)')).toBeUndefined();
  expect(programOf('n=$(sed -n 1p); my-agent $n')).toBeUndefined();
  expect(programOf('n=`head -1` my-agent')).toBeUndefined();
});

it('knows whose work can be counted', () => {
  expect(presetNames.map((name) => countsOf(templateOf(name)))).toEqual(['usd', 'tokens', 'tokens', 'usd', 'usd']);
  expect(countsOf('/opt/bin/claude -p --output-format stream-json --verbose')).toBe('usd');
  expect(countsOf('claude -p')).toBe('nothing');
  expect(countsOf('./agent.sh')).toBe('nothing');
});
