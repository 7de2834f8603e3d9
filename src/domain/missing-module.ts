// What to do about a Python module that is not there, where only a person can: in a baseline, or in a scorer. A
// candidate that imports what is not there has had a bad idea.
import type { Task } from './task.ts';

const MISSING = /^ModuleNotFoundError: No module named ['"]([\w-]+)/gm;
/** Packages that are called otherwise than the module that they bring. */
const PACKAGES: Readonly<Record<string, string>> = {
  cv2: 'opencv-python',
  PIL: 'pillow',
  sklearn: 'scikit-learn',
  yaml: 'pyyaml',
};

/** How to bring the module that a program missed last, as a sentence's end; null where it missed none. */
export function moduleAdvice(printed: string, { prepare }: Pick<Task, 'prepare'>): string | null {
  const module = [...printed.matchAll(MISSING)].at(-1)?.[1];
  if (module === undefined) return null;
  const name = PACKAGES[module] ?? module;
  return `install it (${commandFor(name, prepare?.run ?? '')}), or commit it where it is a file of yours`;
}

function commandFor(name: string, prepare: string): string {
  if (/\buv sync\b/.test(prepare)) return `\`uv add ${name}\`, and commit pyproject.toml and uv.lock`;
  if (prepare.includes('AUTORESEARCH_ENV')) return `${name}, where \`prepare\` installs what the task needs`;
  return `\`python3 -m pip install ${name}\`, for the python3 that comes first in the PATH of \`npx autoresearch up\``;
}
