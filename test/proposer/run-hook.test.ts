import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noteOf, runHook, type Hook } from '../../src/proposer/run-hook.ts';
import { sandboxHere } from '../../src/trainer/sandbox-probe.ts';
import { listProcesses } from '../../src/trainer/process-table.ts';
import { newFolder } from '../git/sandbox.ts';
import { until } from '../support/until.ts';

const SECRET = 'sk-a-key-that-nobody-may-see';

/** A hook in a state directory of its own, in a checkout that has one file. */
async function hookOf(command: string, more: Partial<Hook> = {}): Promise<Hook> {
  const state = await newFolder();
  writeFileSync(join(state, 'secret'), SECRET);
  return {
    folder: join(state, 'hooks'),
    command,
    below: 'project',
    checkout: async (tree) => {
      mkdirSync(join(tree, 'project'), { recursive: true });
      writeFileSync(join(tree, 'project/train.py'), 'A = 1\n');
    },
    inputIn: (cwd) => JSON.stringify({ cwd }),
    state,
    workerEnv: { PATH: process.env['PATH'], ANTHROPIC_API_KEY: SECRET, https_proxy: 'http://proxy' },
    signal: new AbortController().signal,
    ...more,
  };
}

/** A checkout whose project has `.auto` as `make` makes it. */
const withFolder = (make: (folder: string) => void) => async (tree: string) => {
  mkdirSync(join(tree, 'project'), { recursive: true });
  make(join(tree, 'project/.auto'));
};

const living = (hook: Hook): number =>
  listProcesses().filter((one) => one.carries([`AUTORESEARCH_STEP=hook in ${join(hook.folder, 'tree/project')}`]))
    .length;

test('reads its input, in the checkout, and what it prints is the note', async () => {
  const hook = await hookOf('cat; cat train.py; echo trouble >&2; exit 3');
  const cwd = join(hook.folder, 'tree/project');
  const note = `${JSON.stringify({ cwd })}A = 1\n`;
  expect(await runHook(hook)).toMatchObject({ exitCode: 3, timedOut: false, note, stdoutBytes: note.length });
  expect(readdirSync(hook.folder)).toEqual([]);
});

test('one that hangs is ended with all that it started, and what it said so far is its note', async () => {
  const hook = await hookOf(`trap '' TERM; setsid sleep 600 & echo so far; sleep 600`, { seconds: 2 });
  expect(await runHook(hook)).toMatchObject({ exitCode: null, timedOut: true, note: 'so far\n' });
  expect(living(hook)).toBe(0);
});

test('one that is no longer wanted is ended, and says nothing', async () => {
  const stop = new AbortController();
  const hook = await hookOf('echo half; sleep 600', { signal: stop.signal });
  const running = runHook(hook);
  await until(() => living(hook) > 0);
  stop.abort();
  expect(await running).toBeUndefined();
  expect(living(hook)).toBe(0);
});

test('a flood is counted and cut at its last whole line', async () => {
  const flood = await runHook(await hookOf('yes 1234567 | head -c 1000000'));
  expect(flood).toMatchObject({ exitCode: 0, stdoutBytes: 1_000_000, note: '1234567\n'.repeat(1024) });
});

test('it gets the way into the network, and none of the worker’s keys', async () => {
  const end = await runHook(await hookOf('env'));
  expect(end?.note).toContain('https_proxy=http://proxy');
  expect(end?.note).not.toContain(SECRET);
});

// Nothing less hides files from it: skipped, by name, where there is no bubblewrap; CI installs it.
test.skipIf(sandboxHere().sandbox !== 'bubblewrap')(
  'the state directory is not there for it, and it writes nowhere but in its own folders (needs bubblewrap)',
  async () => {
    const hook = await hookOf('');
    const outside = join(await newFolder(), 'outside');
    const command = `cat ${join(hook.state, 'secret')}; touch ${outside}; touch new && echo wrote`;
    expect(await runHook({ ...hook, command })).toMatchObject({ note: 'wrote\n' });
    expect(existsSync(outside)).toBe(false);
  },
);

test.each([
  ['fits', 'a\nb', 'a\nb'],
  ['is one long line', 'x'.repeat(9000), 'x'.repeat(8192)],
  ['is a long line of letters of two bytes', `x${'µ'.repeat(5000)}`, `x${'µ'.repeat(4095)}`],
  ['is a long line of letters of four bytes', `xy${'🙂'.repeat(3000)}`, `xy${'🙂'.repeat(2047)}`],
  ['has a line that does not fit', `first\n${'x'.repeat(9000)}`, 'first\n'],
])('a note that %s is cut where it can be', (_what, printed, note) => {
  expect(noteOf(printed)).toBe(note);
});

test('the log of its program lies in the checkout, and never where a link of the commit leads', async () => {
  const log = { path: '.auto/log.jsonl', text: 'a line\n' };
  const elsewhere = await newFolder();
  const command = 'cat .auto/log.jsonl';
  const there = withFolder((folder) => {
    mkdirSync(folder);
    symlinkSync(join(elsewhere, 'log.jsonl'), join(folder, 'log.jsonl'));
  });
  expect(await runHook(await hookOf(command, { log, checkout: there }))).toMatchObject({ note: 'a line\n' });
  const away = withFolder((folder) => symlinkSync(elsewhere, folder));
  expect(await runHook(await hookOf(command, { log, checkout: away }))).toMatchObject({ exitCode: 1 });
  const absent = await hookOf(command, { log });
  expect(await runHook(absent)).toMatchObject({ exitCode: 1 });
  expect(readdirSync(elsewhere)).toEqual([]);
});
