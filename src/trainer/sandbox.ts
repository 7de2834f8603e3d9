// What a training may write: its own folders, and nothing else on the machine. Where bubblewrap works, every other
// file is read-only to it. That keeps a person's files whole; it hides nothing, so it does not yet make tier A.
import { spawnSync } from 'node:child_process';
import type { TrialDirectory } from './trial-directory.ts';

// Everything read-only; the devices as they are, because a read-only bind would take the GPUs away.
const READ_ONLY = ['--ro-bind', '/', '/', '--dev-bind', '/dev', '/dev'];

let works: boolean | undefined;

/** The command that a training's command is given to; empty where bubblewrap is missing or may not make namespaces. */
export function writeShield(directory: TrialDirectory): string[] {
  works ??= spawnSync('bwrap', [...READ_ONLY, 'true'], { stdio: 'ignore', timeout: 5000 }).status === 0;
  if (!works) return [];
  const { tree, out, home, tmp } = directory;
  // Not the trial's own folder: in it stand the files by which others know how the training ended.
  const writable = [tree, out, home, tmp].flatMap((folder) => ['--bind', folder, folder]);
  return ['bwrap', ...READ_ONLY, ...writable, '--'];
}
