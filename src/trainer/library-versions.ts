// Which Python and which numeric libraries a training runs on. Two versions of one library are two machines.
import { execFile } from 'node:child_process';
import { z } from 'zod';
import type { Environment } from './environment.ts';

/** Those that numbers and speed depend on; the rest of an environment would only make records long. */
const LIBRARIES = ['numpy', 'scipy', 'torch', 'triton', 'jax', 'jaxlib', 'tensorflow', 'mlx', 'flash-attn', 'cupy'];
/** Python starts in a tenth of a second; on a cold disk it may take seconds. */
const TIMEOUT_MS = 20_000;

const PROGRAM = `
import importlib.metadata as metadata, json, platform
found = {"python": platform.python_version()}
for name in ${JSON.stringify(LIBRARIES)}:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
`;

const versionsSchema = z.record(z.string(), z.string().max(60));
/** Versions by name; `python` is Python's own. Empty where there is no Python. */
export type LibraryVersions = z.output<typeof versionsSchema>;

/** Looks versions up once for each environment; what changes in one while a worker lives is not seen. */
export function createLibraryVersions(): (env: Environment) => Promise<LibraryVersions> {
  const known = new Map<string, Promise<LibraryVersions>>();
  return (env) => {
    const key = [env['PATH'], env['LD_LIBRARY_PATH']].join('\n');
    const found = known.get(key) ?? askPython(env);
    known.set(key, found);
    return found;
  };
}

/** Asks the Python that a command of the task would get; in a folder that holds no code of a candidate. */
function askPython(env: Environment): Promise<LibraryVersions> {
  // Who carries a trial's id is killed when that trial starts.
  const unmarked = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AUTORESEARCH_')));
  return new Promise((resolve) => {
    const options = { env: unmarked, cwd: '/', timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
    execFile('python3', ['-c', PROGRAM], options, (error, text) => {
      resolve(error === null ? parseVersions(text) : {});
    });
  });
}

function parseVersions(text: string): LibraryVersions {
  try {
    return versionsSchema.parse(JSON.parse(text));
  } catch {
    return {}; // a Python that prints something else at its start
  }
}
