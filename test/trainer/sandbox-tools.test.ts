// How interpreters stand on people's machines, as folders and links.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readablePaths, toolPaths } from '../../src/trainer/sandbox-tools.ts';
import { testFolder } from './support.ts';

let homes = 0;
/** A home folder with these files and links (`name -> target`). */
function home(...entries: readonly string[]): (path: string) => string {
  const root = join(testFolder, `home-${++homes}`);
  mkdirSync(root);
  for (const entry of entries) {
    const [name = '', target] = entry.split(' -> ');
    mkdirSync(dirname(join(root, name)), { recursive: true });
    if (target === undefined) writeFileSync(join(root, name), '');
    else symlinkSync(target.startsWith('~') ? join(root, target.slice(2)) : target, join(root, name));
  }
  return (path) => join(root, path);
}
const shown = (env: Record<string, string>, keep: readonly string[]): Set<string> => new Set(toolPaths(env, keep));

test('a virtual environment brings the interpreter that it links to', () => {
  const at = home(
    'net/.venv/pyvenv.cfg',
    'net/.venv/bin/python -> python3',
    'net/.venv/bin/python3 -> ~/.local/share/uv/python/cpython-3.12/bin/python3.12',
    '.local/share/uv/python/cpython-3.12 -> cpython-3.12.7',
    '.local/share/uv/python/cpython-3.12.7/bin/python3.12',
    '.local/share/uv/python/cpython-3.12.7/lib/python3.12/os.py',
  );
  const paths = shown({ PATH: at('net/.venv/bin') }, [at('')]);
  expect(paths).toContain(at('net/.venv'));
  expect(paths).toContain(at('.local/share/uv/python/cpython-3.12'));
  expect(paths).toContain(at('.local/share/uv/python/cpython-3.12.7'));
  for (const wide of ['', 'net', '.local', '.local/share']) expect(paths).not.toContain(at(wide));
});

test('a shim brings its version manager', () => {
  const at = home('.pyenv/shims/python3', '.pyenv/versions/3.12/bin/python3');
  expect(shown({ PATH: at('.pyenv/shims') }, [at('')])).toContain(at('.pyenv'));
});

test('of ~/.local only the programs are shown, and the library of a Python that is installed there', () => {
  const at = home('.local/bin/python3', '.local/lib/python3.12/os.py', '.local/share/keyrings/login');
  const paths = shown({ PATH: at('.local/bin') }, [at(''), at('.local/share')]);
  expect([...paths]).toEqual(expect.arrayContaining([at('.local/bin'), at('.local/lib')]));
  expect(paths).not.toContain(at('.local'));
});

test('a PATH or a tool’s folder that would show the home folder is left out, a relative one too', () => {
  const at = home('bin/python3');
  const root = dirname(at('bin'));
  const env = { PATH: `${root}:${dirname(root)}:/:.:bin:${at('bin')}`, PYENV_ROOT: root, CONDA_PREFIX: '' };
  expect([...shown(env, [root])]).toEqual([at('bin')]);
});

test('libraries come with LD_LIBRARY_PATH and the tools that have a variable of their own', () => {
  const paths = shown(
    { PATH: '', LD_LIBRARY_PATH: '/opt/x/lib', CUDA_HOME: '/opt/cuda-12', RUSTUP_HOME: '/opt/rust' },
    [],
  );
  expect([...paths]).toEqual(['/opt/x/lib', '/opt/rust', '/opt/cuda-12']);
});

test('of what the person adds only absolute paths count', () => {
  expect(readablePaths({ AUTORESEARCH_READABLE: '/data/a:here::/data/b' })).toEqual(['/data/a', '/data/b']);
  expect(readablePaths({})).toEqual([]);
});
