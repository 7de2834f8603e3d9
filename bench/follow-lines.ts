// A command on a pipe, watched line by line with the clock in hand, and left as Ctrl-C leaves it.
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { closing } from './closing.ts';

/** A running command. */
export interface Followed {
  /** When a line of stdout first matched, in milliseconds since the epoch; null when the command ended or time was up. */
  readonly lineAt: (pattern: RegExp, patienceSeconds: number) => Promise<number | null>;
  /** The end of what it printed, for people. */
  readonly lastWords: () => string;
  /** Presses Ctrl-C and waits; what does not end then is killed. */
  readonly leave: () => Promise<void>;
}

const LOOK_MS = 20;
const LEAVE_SECONDS = 10;
const LAST_LINES = 15;

/** Starts a command; `detached`, so that a signal to its group reaches all of it and nothing else. */
export function followLines(
  command: string,
  parameters: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Followed {
  const options = {
    cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    buffer: false,
    detached: true,
  } as const;
  const child = execa(command, parameters, options);
  const lines: { readonly at: number; readonly text: string }[] = [];
  const words: string[] = [];
  let ended = false;
  const read = async (from: 'stdout' | 'stderr'): Promise<void> => {
    for await (const text of child.iterable({ from })) {
      words.push(text);
      if (from === 'stdout') lines.push({ at: Date.now(), text });
    }
  };
  const end = async (): Promise<void> => {
    await Promise.allSettled([read('stdout'), read('stderr'), child]);
    ended = true;
  };
  const over = end();
  const leave = closing(async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      if (ended || child.pid === undefined) return;
      process.kill(-child.pid, signal);
      await Promise.race([over, sleep(LEAVE_SECONDS * 1000)]);
    }
  });
  return {
    leave,
    lastWords: () => words.slice(-LAST_LINES).join('\n'),
    lineAt: async (pattern, patienceSeconds) => {
      const deadline = Date.now() + patienceSeconds * 1000;
      for (;;) {
        const done = ended;
        const line = lines.find(({ text }) => pattern.test(text));
        if (line !== undefined) return line.at;
        if (done || Date.now() > deadline) return null;
        await sleep(LOOK_MS);
      }
    },
  };
}
