// Runs a short program and collects what it says. Not execa: git must inherit the descriptor of the writer lock, and
// execa hands on only the standard ones; and one git costs 4 to 9 ms, to which this adds next to nothing.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What to run it with. */
export interface CollectOptions {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** A descriptor that the program inherits as its number 3. */
  readonly descriptor?: number;
  readonly timeoutSeconds?: number;
}

/** How it ended: `exitCode` is undefined when it did not start or a signal ended it; `problem` then says why. */
export interface Collected {
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly problem: string | undefined;
  /** Whether the machine has no such program. */
  readonly absent: boolean;
}

/** Runs a program to its end; never throws for what the program does. */
export async function collect(
  command: string,
  args: readonly string[],
  { cwd, env, input, descriptor, timeoutSeconds }: CollectOptions,
): Promise<Collected> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe', descriptor ?? 'ignore'],
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let problem: string | undefined;
    let absent = false;
    const end = (exitCode: number | undefined) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8'), problem, absent });
    };
    const timer = setTimeout(
      () => {
        if (timeoutSeconds === undefined) return;
        problem = `took longer than ${timeoutSeconds} s`;
        child.kill('SIGTERM');
        // A helper of git's (ssh) may hold the pipes open for longer; its words are no longer wanted.
        child.stdout?.destroy();
        child.stderr?.destroy();
      },
      (timeoutSeconds ?? 0) * 1000,
    );
    if (timeoutSeconds === undefined) clearTimeout(timer);
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) => {
      problem = error.message;
      // The same code is given where the folder to start it in is not there.
      absent = error.code === 'ENOENT' && (cwd === undefined || existsSync(cwd));
      end(undefined);
    });
    child.on('close', (code, signal) => {
      problem ??= signal === null ? undefined : `was ended by ${signal}`;
      end(code ?? undefined);
    });
    child.stdin?.on('error', () => undefined); // it ended without reading all; its exit code tells
    child.stdin?.end(input ?? '');
  });
}
