import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { mountOptions, type View } from '../../src/trainer/sandbox-mounts.ts';
import { testFolder } from './support.ts';

const at = (path: string): string => join(testFolder, path);
const nothing: View = { read: [], write: [], hidden: [] };
/** The options as `option path`, paths from the test's folder on; of two equal paths one. */
function mounted(view: Partial<View>, ground?: 'read'): string[] {
  const words = mountOptions({ ...nothing, ...view }, ground);
  const lines: string[] = [];
  for (const word of words) {
    if (word.startsWith('--')) lines.push(word);
    else lines.push(`${lines.pop() ?? ''} ${word.replace(`${testFolder}/`, '')}`);
  }
  return lines.map((line) => line.replace(/ (\S+) \1$/, ' $1'));
}

beforeAll(() => {
  for (const folder of ['data/train', 'data/hidden/deep', 'home/me/.tools/bin', 'state/envs/h'])
    mkdirSync(at(folder), { recursive: true });
  writeFileSync(at('data/answers'), '');
  symlinkSync('hidden', at('data/link'));
  symlinkSync(at('home/me/.tools'), at('tools'));
});

test('everything is mounted at its own path, and the root closed at last', () => {
  expect(mounted({ read: [at('data')], write: [at('state')] })).toEqual([
    '--ro-bind-try data',
    '--bind state',
    '--remount-ro /',
  ]);
});

test('what is hidden is empty: a folder, a file, and where a link leads', () => {
  const view = { read: [at('data')], hidden: [at('data/link'), at('data/answers'), at('data/gone')] };
  expect(mounted(view)).toEqual([
    '--ro-bind-try data',
    '--ro-bind /dev/null data/answers',
    '--tmpfs data/hidden',
    '--tmpfs data/link',
    '--remount-ro data/hidden',
    '--remount-ro data/link',
    '--remount-ro /',
  ]);
});

test('a folder that may be seen can stand in one that is hidden, and that in one that may be seen', () => {
  const view = { read: [at('home'), at('home/me/.tools')], hidden: [at('home/me')], write: [at('home/me/.tools/bin')] };
  expect(mounted(view)).toEqual([
    '--ro-bind-try home',
    '--tmpfs home/me',
    '--ro-bind-try home/me/.tools',
    '--bind home/me/.tools/bin',
    '--remount-ro home/me',
    '--remount-ro /',
  ]);
});

test('a place is there under its own name and under the one that links lead to', () => {
  expect(mounted({ read: [at('tools')] })).toEqual([
    '--ro-bind-try home/me/.tools',
    '--ro-bind-try tools',
    '--remount-ro /',
  ]);
});

test('hiding wins over showing the same place, and what nobody shows needs no hiding', () => {
  expect(mountOptions({ ...nothing, read: ['/usr', '/usr/lib'], hidden: ['/etc', '/usr/lib'] })).toEqual([
    '--ro-bind-try',
    '/usr',
    '/usr',
    '--tmpfs',
    '/usr/lib',
    '--remount-ro',
    '/usr/lib',
    '--remount-ro',
    '/',
  ]);
});

test('where everything can be read already, only what is hidden, or written to, is mounted', () => {
  const view = { read: [at('data')], write: [at('state/envs')], hidden: [at('home'), at('state')] };
  expect(mounted({ read: ['/usr'], hidden: ['/usr/share'] }, 'read')).toEqual([
    '--tmpfs /usr/share',
    '--remount-ro /usr/share',
    '--remount-ro /',
  ]);
  expect(mounted(view, 'read')).toEqual([
    '--ro-bind-try data', // below /tmp, which is the sandbox's own
    '--tmpfs home',
    '--tmpfs state',
    '--bind state/envs',
    '--remount-ro home',
    '--remount-ro state',
    '--remount-ro /',
  ]);
});
