import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, constantFrom, oneof, property, string } from 'fast-check';
import { afterAll, describe, expect, it, test } from 'vitest';
import { fileName, HEAD, unitTexts, type UnitPlan } from '../../src/services/systemd-units.ts';
import { has } from '../support/commands.ts';

const root = mkdtempSync(join(tmpdir(), 'autoresearch-units-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PLAN: UnitPlan = {
  node: process.execPath,
  launcher: '/opt/autoresearch/bin/autoresearch.js',
  environment: { AUTORESEARCH_HOME: '/home/me/.local/state/autoresearch', PATH: '/usr/bin:/bin' },
  embedded: true,
};
const unit = (name: string, plan: Partial<UnitPlan> = {}): string => unitTexts({ ...PLAN, ...plan }).get(name) ?? '';
const settings = (text: string, name: string): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));

/** What systemd reads out of a line: quotes, escapes and specifiers; in the arguments of a command also variables. */
function words(line: string, isCommand = false): string[] {
  const found = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain = '']) => quoted ?? plain);
  return found.map((word, k) => {
    const specified = doubled('%', word.replaceAll(/\\(.)/g, '$1'));
    return isCommand && k > 0 ? doubled('$', specified) : specified;
  });
}

/** A text in which a sign stands for itself when it is doubled, and for something else when it is not. */
function doubled(sign: string, text: string): string {
  const parts = text.split(sign + sign);
  expect(parts.join('')).not.toContain(sign);
  return parts.join(sign);
}

describe('units', () => {
  test('server, control worker and device worker, the workers after the server', () => {
    expect([...unitTexts(PLAN).keys()]).toEqual(['autoresearch-server', 'autoresearch-control', 'autoresearch-device']);
    const text = unit('autoresearch-device');
    expect(text.startsWith(`${HEAD}\n`)).toBe(true);
    expect(settings(text, 'ExecStart')).toEqual([`${process.execPath} ${PLAN.launcher} worker gpu`]);
    expect(settings(text, 'After')).toEqual(['autoresearch-server.service']);
    expect(settings(text, 'Restart')).toEqual(['always']);
    expect(settings(text, 'KillMode')).toEqual(['process']);
    expect(settings(text, 'WantedBy')).toEqual(['default.target']);
    expect(settings(text, 'Environment')).toEqual([
      'AUTORESEARCH_HOME=/home/me/.local/state/autoresearch',
      'PATH=/usr/bin:/bin',
      'AUTORESEARCH_UNIT=autoresearch-device',
      'AUTORESEARCH_SERVICE=device-worker',
    ]);
  });

  test('no server where the person has one', () => {
    expect([...unitTexts({ ...PLAN, embedded: false }).keys()]).toEqual([
      'autoresearch-control',
      'autoresearch-device',
    ]);
    expect(unit('autoresearch-control', { embedded: false })).not.toContain('autoresearch-server');
  });
});

describe('escaping', () => {
  const strange = string({ unit: constantFrom(...Array.from(`a n%$"'\\{}#;ü`)), minLength: 1 });
  const any = string({ unit: 'binary', minLength: 1 }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));

  test('whatever a path or a value holds is what the process gets', () => {
    assert(
      property(oneof(strange, any), (text) => {
        const launcher = `/opt/${text}/bin/autoresearch.js`;
        const control = unit('autoresearch-control', { launcher, environment: { PATH: text } });
        const [command = ''] = settings(control, 'ExecStart');
        expect(words(command, true)).toEqual([PLAN.node, launcher, 'worker', 'control']);
        expect(words(settings(control, 'Environment')[0] ?? '')).toEqual([`PATH=${text}`]);
      }),
    );
  });

  test('a dollar is one in a program and in the environment, where systemd expands nothing', () => {
    const text = unit('autoresearch-server', {
      node: '/opt/$x/node',
      launcher: '/opt/$y.js',
      environment: { A: '$z' },
    });
    expect(settings(text, 'ExecStart')).toEqual(['"/opt/$x/node" "/opt/$$y.js" worker server']);
    expect(settings(text, 'Environment')[0]).toBe('"A=$z"');
  });

  test.each([
    [{ node: '/opt/no"de' }, /path of Node without quotes and backslashes.*got \/opt\/no"de; install Node elsewhere/],
    [{ launcher: '/opt/a\nRestart=no' }, /without control characters, got "\/opt\/a\\nRestart=no"/],
    [{ environment: { PATH: '/bin\u0007' } }, /without control characters/],
  ])('what systemd cannot take is refused: %j', (plan, message) => {
    expect(() => unitTexts({ ...PLAN, ...plan })).toThrow(message);
  });
});

// Skipped, by name, where there is no systemd-analyze: CI installs it.
describe.skipIf(!has('systemd-analyze'))('systemd itself (needs systemd-analyze)', () => {
  it.each([
    ['plain', 'plain', ''],
    ['strange', 'a %n b $HOME ü', ` 'q' "Q" \\ back`],
  ])('has nothing to say about units with %s paths', (name, folder, beyond) => {
    const [here, runtime] = [join(root, name, folder), join(root, name, 'runtime')];
    for (const path of [here, runtime]) mkdirSync(path, { recursive: true });
    const node = join(here, 'node');
    symlinkSync(process.execPath, node);
    const home = `${here}${beyond}`;
    const texts = unitTexts({
      node,
      launcher: `${home}/cli.js`,
      environment: { AUTORESEARCH_HOME: home },
      embedded: true,
    });
    const paths = [...texts].map(([unitName, text]) => {
      const path = join(root, name, fileName(unitName));
      writeFileSync(path, text);
      return path;
    });
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--user', ...paths], {
      env,
      encoding: 'utf8',
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });
});
