// Runs one hook of a task, a command of its own that no candidate can edit: in a throw-away checkout, with its input on
// stdin, none of the worker's keys, and half a minute. How it ends is a value; whatever it started ends with it.
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HookRun } from '../domain/hook.ts';
import { commandEnvironment, networkEnvironment, type Environment } from '../trainer/environment.ts';
import { runStep } from '../trainer/run-step.ts';
import { agentSandboxCommand } from '../trainer/sandbox.ts';
import { sandboxHere } from '../trainer/sandbox-probe.ts';
import { hookView } from './agent/surroundings.ts';

/** One hook to run. */
export interface Hook {
  /** Where it may work; what an earlier run left there goes first. */
  readonly folder: string;
  readonly command: string;
  /** Where in the checkout it runs. */
  readonly below: string;
  readonly checkout: (tree: string) => Promise<unknown>;
  /** What it is told, when it runs in `cwd`. */
  readonly inputIn: (cwd: string) => string;
  /** The log of the program whose hook it is, as it would stand in `cwd` there. */
  readonly log?: { readonly path: string; readonly text: string };
  /** The state directory, which it does not see. */
  readonly state: string;
  readonly workerEnv: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Absent: as long as pi-autoresearch gives it. */
  readonly seconds?: number;
}

/** How a hook ended. */
export type HookEnd = Pick<HookRun, 'exitCode' | 'timedOut' | 'seconds' | 'stdoutBytes' | 'note'>;

/** Theirs: who takes longer hangs. */
const HOOK_SECONDS = 30;
/** Theirs: more is no note. */
const NOTE_BYTES = 8192;
/** Enough to see where the last letter ends. */
const LETTER_BYTES = 4;

/** Runs a hook to its end; undefined where `signal` ended it, which says nothing. */
export async function runHook(hook: Hook): Promise<HookEnd | undefined> {
  const { folder, command, below, workerEnv, state, signal, seconds: most = HOOK_SECONDS } = hook;
  const at = (name: string): string => join(folder, name);
  const [tree, home, tmp, stdin] = [at('tree'), at('home'), at('tmp'), at('input.json')];
  const clear = () => Promise.all([tree, home, tmp, stdin].map((path) => rm(path, { recursive: true, force: true })));
  await clear();
  await hook.checkout(tree);
  for (const path of [home, tmp]) mkdirSync(path, { recursive: true, mode: 0o700 });
  const cwd = join(tree, below);
  writeFileSync(stdin, hook.inputIn(cwd));
  if (hook.log !== undefined) writeLog(cwd, hook.log);
  const step = await runStep({
    id: 'hook',
    command,
    cwd,
    env: { ...commandEnvironment({ workerEnv, home, tmp }), ...wayOut(workerEnv), CUDA_VISIBLE_DEVICES: '' },
    shield: agentSandboxCommand(sandboxHere(), hookView({ tree, home, tmp }, workerEnv, state)),
    stdin,
    seconds: most,
    graceSeconds: 0,
    maxOutputBytes: NOTE_BYTES + LETTER_BYTES,
    signal,
  });
  await clear();
  if (step.aborted) return undefined;
  const { code, timedOut, seconds, stdoutBytes, stdout } = step;
  return { exitCode: code, timedOut, seconds, stdoutBytes, note: noteOf(stdout) };
}

/** In place of what the commit has there; nowhere, where the commit makes its folder a link to elsewhere. */
function writeLog(cwd: string, { path, text }: NonNullable<Hook['log']>): void {
  const file = join(realpathSync(cwd), path);
  if (!existsSync(dirname(file)) || realpathSync(dirname(file)) !== dirname(file)) return;
  rmSync(file, { recursive: true, force: true });
  writeFileSync(file, text);
}

/** How this machine reaches the world; an index of packages is no matter of a hook. */
const wayOut = (workerEnv: NodeJS.ProcessEnv): Environment =>
  Object.fromEntries(
    Object.entries(networkEnvironment(workerEnv)).filter(([name]) =>
      /_proxy$|^(?:SSL_CERT|CURL_CA|REQUESTS_CA)_/i.test(name),
    ),
  );

/** The beginning of what was printed: up to the last whole line that fits, or to the last whole letter of the first. */
export function noteOf(printed: string): string {
  const bytes = Buffer.from(printed);
  if (bytes.length <= NOTE_BYTES) return printed;
  const line = bytes.subarray(0, NOTE_BYTES).lastIndexOf('\n');
  if (line !== -1) return bytes.subarray(0, line + 1).toString('utf8');
  let end = NOTE_BYTES;
  while (end > 0 && isInLetter(bytes[end])) end--;
  return bytes.subarray(0, end).toString('utf8');
}

/** In UTF-8 every byte of a letter but its first begins so. */
const isInLetter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
