// How a command in the sandbox ends: by itself, by a signal, with all that it started, with its supervisor.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Detached } from '../../src/trainer/watch.ts';
import { hasBubblewrap, kinds, sandboxed } from './sandboxed.ts';
import { eventually, runningNote } from './support.ts';

const SAVES = `python3 -c '
import signal, sys, time
def save(*_):
    time.sleep(0.3); print("saved", flush=True); sys.exit(7)
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
time.sleep(60)'`;

/** Processes that have this word on their command line. */
const alive = (word: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      return false;
    }
  });

for (const { kind, has } of kinds) {
  describe.skipIf(!has)(`with sandbox ${kind} (needs it)`, () => {
    test('a program that heeds TERM has its time to save, and its exit code stands', async () => {
      const trial = sandboxed(SAVES, { graceSeconds: 20 }, kind);
      const watching = trial.watch();
      const { log, stop } = trial.directory;
      await eventually(() => existsSync(log) && readFileSync(log, 'utf8').includes('ready'));
      writeFileSync(stop, '');
      expect(await watching).toMatchObject({ reason: 'stopped', code: 7, sandbox: kind });
      expect(readFileSync(log, 'utf8')).toContain('saved');
    });

    test('one that ignores TERM is killed, one that knows nothing of it ends by it', async () => {
      const deaf = sandboxed(`trap '' TERM; while true; do sleep 0.05; done`, { seconds: 2 }, kind);
      expect(await deaf.watch()).toMatchObject({ reason: 'deadline', signal: 'SIGKILL' });
      const plain = sandboxed('exec python3 -c "import time; time.sleep(60)"', { seconds: 1, graceSeconds: 30 }, kind);
      expect(await plain.watch()).toMatchObject({ reason: 'deadline', signal: 'SIGTERM' });
    });

    test('says which signal ended it', async () => {
      expect(await sandboxed('kill -SEGV $$', {}, kind).watch()).toMatchObject({ reason: 'exited', signal: 'SIGSEGV' });
    });

    test('tells a signal of its own from one that came from outside', async () => {
      for (const own of ['kill -KILL $$', 'kill -TERM $$', `bash -c 'kill -9 $$'; exit $?`])
        expect(await sandboxed(own, {}, kind).watch()).toMatchObject({ reason: 'exited', ownSignal: true });
      const trial = sandboxed('exec sleep 60', {}, kind);
      const watching = trial.watch();
      const { child } = await runningNote(trial.directory);
      process.kill(-child.pid, 'SIGKILL');
      const exit = await watching;
      expect(exit).toMatchObject({ reason: 'exited', signal: 'SIGKILL' });
      expect(exit.ownSignal).toBeUndefined();
    });

    test('nothing that it started outlives it, without any mark of ours either', async () => {
      const seconds = `86399.${Date.now()}`;
      const daemon = `setsid env -i /bin/sleep ${seconds}`;
      const trial = sandboxed(
        `(${daemon} &) ; ${daemon} & until [ $(pgrep -xc sleep) = 2 ]; do :; done; echo both; exit 0`,
        {},
        kind,
      );
      expect(await trial.watch()).toMatchObject({ reason: 'exited', code: 0 });
      expect(readFileSync(trial.directory.log, 'utf8').trim()).toBe('both');
      expect(alive(seconds)).toEqual([]);
    });
  });
}

test.skipIf(!hasBubblewrap)('a training ends with its supervisor (needs bubblewrap)', async () => {
  const trial = sandboxed('exec sleep 86398');
  const worker = new AbortController();
  const watching = trial.watch({ signal: worker.signal }).catch((error: unknown) => error);
  const { supervisor } = await runningNote(trial.directory);
  await eventually(() => alive('86398').length > 0);
  worker.abort('detach');
  expect(await watching).toBeInstanceOf(Detached); // nobody else is there to end it
  process.kill(supervisor.pid, 'SIGKILL');
  await eventually(() => alive('86398').length === 0);
});
