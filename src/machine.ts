// What is said where a program of this machine is missing or too old, wherever that is noticed.

/** Thrown when this machine lacks something that only a person can install; names all of it at once. */
export class MachineNotReady extends Error {
  override readonly name = 'MachineNotReady';
}

/** A program that must be there, from which version on, and how to get it. */
export interface Tool {
  /** A program, or a program and what makes it another: `python3 -m pip`. */
  readonly command: string;
  /** `[0, 0]`: any version will do. */
  readonly version: readonly [number, number];
  readonly advice: string;
}

/** Holds everything that a person may want tomorrow. */
export const GIT: Tool = {
  command: 'git',
  version: [2, 38],
  advice: 'install git, for example `apt-get install git`',
};

/** Makes the Python environment of a project that says so. */
export const UV: Tool = {
  command: 'uv',
  version: [0, 0],
  advice: 'install it: `curl -LsSf https://astral.sh/uv/install.sh | sh`',
};

/** What was found in place of a program that the PATH does not have. */
export const NONE_ON_PATH = 'none on the PATH';

/** The sentence about a tool that is missing or too old; `got` is what there is instead. */
export function lacking({ command, version: [major, minor], advice }: Tool, got: string): string {
  const wanted = major === 0 ? `the command \`${command}\`` : `\`${command}\` ${major}.${minor} or newer`;
  return `Expected ${wanted}, got ${got}; ${advice}.`;
}
