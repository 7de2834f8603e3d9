// Which sandbox this machine has, found by running it: a program that is there may still not be allowed to make one.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { sandboxCommand, type SandboxMaker } from './sandbox.ts';

/** What was found. */
export interface SandboxProbe extends SandboxMaker {
  /** Why it is not bubblewrap, in that program's words; empty when it is. */
  readonly trouble: string;
}

const PATIENCE_MS = 10_000;
/** From the best to none. */
const MAKERS: readonly SandboxMaker[] = [
  { sandbox: 'bubblewrap', isSized: true },
  { sandbox: 'bubblewrap', isSized: false },
  { sandbox: 'unshare', isSized: false },
];

/** Runs every kind of sandbox until one works. */
export function probeSandbox(env: NodeJS.ProcessEnv = process.env): SandboxProbe {
  let trouble = '';
  for (const maker of MAKERS) {
    const failure = runIn(maker, env);
    if (failure === undefined) return { ...maker, trouble: maker.sandbox === 'bubblewrap' ? '' : trouble };
    if (maker.sandbox === 'bubblewrap') trouble = failure;
  }
  return { sandbox: 'none', isSized: false, trouble };
}

let found: SandboxProbe | undefined;

/** The same, run once per process. */
export function sandboxHere(): SandboxProbe {
  found ??= probeSandbox();
  return found;
}

/** Why the sandbox does not work; undefined when it does. */
function runIn(maker: SandboxMaker, env: NodeJS.ProcessEnv): string | undefined {
  const { PATH = '' } = env;
  const nothing = { env: { PATH }, device: { id: 'cpu' }, state: homedir(), read: [], write: [], hidden: [] };
  const [program = '', ...parameters] = sandboxCommand(maker, nothing);
  const { error, status, stderr } = spawnSync(program, [...parameters, 'true'], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: PATIENCE_MS,
  });
  if (error !== undefined)
    return 'code' in error && error.code === 'ENOENT' ? `no ${program} on the PATH` : error.message;
  return status === 0
    ? undefined
    : (stderr.trim().split('\n').at(-1) ?? '') || `${program} ended with ${status ?? '?'}`;
}
