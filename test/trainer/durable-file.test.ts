import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readJson, reserve, setAside, writeJson, writeReserved } from '../../src/trainer/durable-file.ts';
import { testFolder } from './support.ts';

const schema = z.object({ n: z.number() });
const at = (name: string): string => join(testFolder, name);

test('reads what it wrote, and tells absent from broken', () => {
  writeJson(at('a.json'), { n: 1 });
  expect(readJson(at('a.json'), schema)).toEqual({ status: 'ok', value: { n: 1 } });
  expect(readJson(at('none.json'), schema)).toEqual({ status: 'absent' });
  writeFileSync(at('half.json'), '{"n": ');
  expect(readJson(at('half.json'), schema)).toMatchObject({ status: 'bad' });
  writeFileSync(at('other.json'), '{"m": 1}');
  expect(readJson(at('other.json'), schema)).toMatchObject({ status: 'bad' });
});

test('writes into the blocks that it reserved, so that a disk filled since does not matter', () => {
  reserve(at('exit.json'));
  const blocks = statSync(at('exit.json.reserved')).ino;
  writeReserved(at('exit.json'), { n: 2 });
  expect(statSync(at('exit.json')).ino).toBe(blocks);
  expect(JSON.parse(readFileSync(at('exit.json'), 'utf8'))).toEqual({ n: 2 });
  expect(existsSync(at('exit.json.reserved'))).toBe(false);
});

test('never moves one file aside over another', () => {
  for (const text of ['first', 'second']) {
    writeFileSync(at('x.json'), text);
    setAside(at('x.json'));
  }
  expect(readFileSync(at('x.json.bad-1'), 'utf8')).toBe('first');
  expect(readFileSync(at('x.json.bad-2'), 'utf8')).toBe('second');
  expect(setAside(at('x.json'))).toBeUndefined();
});
