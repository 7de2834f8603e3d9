// A place with secrets in it, and commands that run there in a real sandbox under a real supervisor.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Sandbox } from '../../src/domain/experiment.ts';
import { sandboxCommand, type SandboxRequest } from '../../src/trainer/sandbox.ts';
import { probeSandbox } from '../../src/trainer/sandbox-probe.ts';
import type { TrialDirectory } from '../../src/trainer/trial-directory.ts';
import type { TrialSpec } from '../../src/trainer/trial-spec.ts';
import { makeTrial, testFolder, type TestTrial } from './support.ts';

const probe = probeSandbox();
/** Whether this machine's bubblewrap works. */
export const hasBubblewrap = probe.sandbox === 'bubblewrap';
const hasUnshare = spawnSync('unshare', ['-Urmpn', '--fork', '--mount-proc', 'true']).status === 0;
/** The sandboxes, and which of them this machine has. */
export const kinds = [
  { kind: 'bubblewrap', has: hasBubblewrap },
  { kind: 'unshare', has: hasUnshare },
] as const;

const keys = join(testFolder, 'keys');
/** The home folder of whoever runs the worker. */
export const person = join(testFolder, 'person');
/** Prepared data, `holdout` and `answers` of it hidden. */
export const data = join(testFolder, 'envs/h/data');
const personBefore = process.env['HOME'];
beforeAll(() => {
  for (const folder of [keys, join(person, '.ssh'), join(data, 'train'), join(data, 'holdout/val')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(keys, 'session'), 'SECRET');
  writeFileSync(join(person, '.ssh/id'), 'SECRET');
  writeFileSync(join(data, 'holdout/val/text'), 'SECRET');
  writeFileSync(join(data, 'answers'), 'SECRET');
  writeFileSync(join(data, 'train/text'), 'to learn from');
  process.env['HOME'] = person;
});
afterAll(() => {
  process.env['HOME'] = personBefore;
});

const requestOf = ({ tree, out, home, tmp }: TrialDirectory): SandboxRequest => ({
  env: { PATH: process.env['PATH'] ?? '', ...tools() },
  device: { id: 'cpu' },
  state: testFolder,
  read: [data],
  write: [tree, out, home, tmp],
  hidden: [join(data, 'holdout'), join(data, 'answers')],
});
const tools = (): Record<string, string> => {
  const { PYENV_ROOT } = process.env;
  return PYENV_ROOT === undefined ? {} : { PYENV_ROOT };
};

/** A trial in the sandbox. */
export function sandboxed(
  command: string,
  changes: Partial<TrialSpec> = {},
  sandbox: Sandbox = 'bubblewrap',
): TestTrial {
  return makeTrial(command, (at) => ({
    env: { PATH: process.env['PATH'] ?? '', HOME: at.home, TMPDIR: at.tmp, ...tools() },
    sandbox,
    shield: sandboxCommand({ ...probe, sandbox }, requestOf(at)),
    ...changes,
  }));
}

/** Runs a Python program there and returns what it put into the list `found`. */
export async function findings(program: string, sandbox: Sandbox = 'bubblewrap'): Promise<unknown> {
  const head = 'import json, os, socket, subprocess, sys\nfound = []\n';
  const tail = '\njson.dump(found, open(os.environ["AUTORESEARCH_OUT"] + "/found", "w"))';
  const trial = sandboxed(`python3 - <<'END'\n${head}${program}${tail}\nEND`, {}, sandbox);
  const exit = await trial.watch();
  expect([readFileSync(trial.directory.log, 'utf8'), exit]).toMatchObject(['', { code: 0, sandbox }]);
  return JSON.parse(readFileSync(join(trial.directory.out, 'found'), 'utf8'));
}

/** Python: adds the path of every file below `root` whose content says SECRET. */
export const searchSecrets = (root: string): string => `
for folder, _, files in os.walk(${JSON.stringify(root)}):
    for name in files:
        try:
            if "SECRET" in open(os.path.join(folder, name)).read(): found.append(os.path.join(folder, name))
        except OSError: pass`;
