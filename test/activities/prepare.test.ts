// What a task prepares before it trains: once, or the session waits for a person.
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { newFolder } from '../git/sandbox.ts';
import { tryTask } from './workshop.ts';

/** A PATH with all programs but one. */
async function pathWithout(program: string): Promise<string> {
  const bin = await newFolder();
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter((path) => existsSync(path)))
    for (const name of readdirSync(folder))
      if (name !== program && !existsSync(join(bin, name))) symlinkSync(join(folder, name), join(bin, name));
  return bin;
}

it('prepares once for all trials, with a place for data and a PATH that begins in its environment', async () => {
  const prepare = 'prepare: { run: bash prepare.sh, inputs: [prepare.sh] }\n';
  const script =
    'mkdir -p $AUTORESEARCH_ENV/bin && printf "#!/bin/sh\\necho METRIC loss=$(cat)" > /dev/null; echo 8 > $AUTORESEARCH_DATA/answer\n';
  const { scored, tryBase, contract, state } = await tryTask(
    'echo METRIC loss=$(cat $AUTORESEARCH_DATA/answer)',
    prepare,
    { 'prepare.sh': script },
  );
  expect(scored).toMatchObject({ value: 8 });
  expect((await tryBase(contract, 2)).trained.dataHash).toBe((await tryBase(contract, 1)).trained.dataHash);
  expect(existsSync(join(state.root, 'trials'))).toBe(true);
});

it('blocks with the last words of a prepare that fails', async () => {
  const error = await tryTask('true', 'prepare: { run: "echo numpy is missing >&2; exit 1" }\n').catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ type: 'Blocked', message: expect.stringContaining('numpy is missing') });
});

it('says how to bring a module that a prepare misses', async () => {
  const prepare = `prepare: { run: python3 -c 'import no_such_module' }\n`;
  const error = await tryTask('true', prepare).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    type: 'Blocked',
    message: expect.stringContaining(' The module is missing: install it (`python3 -m pip install no_such_module`, '),
  });
});

it('says how to get uv where a prepare misses it', async () => {
  vi.stubEnv('PATH', await pathWithout('uv'));
  const error = await tryTask('true', 'prepare: { run: uv sync }\n').catch((thrown: unknown) => thrown);
  vi.unstubAllEnvs();
  expect(error).toMatchObject({
    type: 'Blocked',
    message: expect.stringContaining('Expected the command `uv`, got none on the PATH; install it: `curl '),
  });
});

it('blocks where what the task hides from training stands in the data that it sees', async () => {
  const prepare = 'prepare: { run: bash prepare.sh, inputs: [prepare.sh] }\nhidden: [val]\n';
  const script =
    'cd $AUTORESEARCH_DATA; seq 100000 > train; mkdir val; seq 30000 60000 > val/a; seq 200000 202000 > val/b\n';
  const error = await tryTask('true', prepare, { 'prepare.sh': script }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ type: 'Blocked', message: expect.stringContaining('(of val/a 100 %)') });
});

it('blocks where what the task hides from training is not there, or has no content, by its name', async () => {
  const prepare = 'prepare: { run: bash prepare.sh, inputs: [prepare.sh] }\nhidden: [val, holdout, gone, empty]\n';
  const script =
    'cd $AUTORESEARCH_DATA; echo 1 > train; mkdir -p val/deep holdouts empty/deep; echo 2 > val/deep/a; echo 3 > holdouts/a; : > empty/deep/a\n';
  const error = await tryTask('true', prepare, { 'prepare.sh': script }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    type: 'Blocked',
    message: expect.stringContaining('got none for `holdout`, `gone`, `empty`: '),
  });
});
