// How a scorer runs a candidate's code: through a small program, written for one scoring, that runs its arguments in a
// sandbox with the code and the output to read, nothing to write, and no data at all. The scorer itself stays outside,
// because it holds the targets.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bubblewrapOptions, limits, sandboxCommand, type SandboxMaker, type SandboxRequest } from './sandbox.ts';

/** A program for one scoring. */
export interface Launcher {
  /** What `AUTORESEARCH_SANDBOX` says; undefined where there is no sandbox. */
  readonly path: string | undefined;
  /** Whether the scorer ran anything through it. */
  readonly wasUsed: () => boolean;
  readonly remove: () => Promise<void>;
}

// Options are read from a file beside the program, so that no path is ever part of a shell's text. The mark comes first:
// where it cannot be left, nothing runs. Which data it is scored on is the scorer's to know, and no candidate's.
const BLIND = 'unset AUTORESEARCH_SPLIT';
const bubblewrap = (limited: readonly string[]): string => `#!/bin/sh
${BLIND}
: > "$0.used" || exit 125
exec bwrap --args 9 -- ${limited.join(' ')} "$@" 9< "$0.options"
`;

/**
 * Writes the launcher into `folder`, which no sandbox shows; an earlier one there is replaced. What it runs carries
 * `marker`, a `KEY=value`, also where a scorer passes on little of its environment: so it is found when that has ended.
 */
export function writeLauncher(
  folder: string,
  maker: SandboxMaker,
  { marker, ...request }: SandboxRequest & { readonly marker: string },
): Launcher {
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  if (maker.sandbox === 'none') return { path: undefined, wasUsed: () => false, remove };
  const path = join(folder, 'launch');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A home in the sandbox: the command's own is not shown there.
  const home = ['--setenv', 'HOME', '/tmp', '--setenv', 'TMPDIR', '/tmp'];
  const [key = '', ...value] = marker.split('=');
  const marked = ['--setenv', key, value.join('=')];
  if (maker.sandbox === 'bubblewrap')
    writeFileSync(
      `${path}.options`,
      [...bubblewrapOptions(maker, request), ...home, ...marked].map((one) => `${one}\0`).join(''),
    );
  const program =
    maker.sandbox === 'bubblewrap'
      ? bubblewrap(limits(request))
      : plain(['env', marker, ...sandboxCommand(maker, request)]);
  writeFileSync(path, program, { mode: 0o755 });
  return { path, wasUsed: () => existsSync(`${path}.used`), remove };
}

/** The same for a command of constant words. */
function plain(command: readonly string[]): string {
  const words = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  return `#!/bin/sh\n${BLIND}\nexec ${words.join(' ')} "$@"\n`;
}
