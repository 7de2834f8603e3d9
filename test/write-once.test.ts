import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { writeOnce } from '../src/write-once.ts';

const path = (): string => join(mkdtempSync(join(tmpdir(), 'autoresearch-once-')), 'keys', 'key');

it('makes a file once, for its owner alone, and reads that one ever after', () => {
  const key = path();
  expect(writeOnce(key, () => 'first').toString()).toBe('first');
  expect(writeOnce(key, () => 'second').toString()).toBe('first');
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(key)).mode & 0o777).toBe(0o700);
});

it('takes the file of whoever was faster, and leaves nothing of its own behind', () => {
  const key = path();
  const slower = writeOnce(key, () => {
    writeOnce(key, () => 'faster');
    return 'slower';
  });
  expect(slower.toString()).toBe('faster');
  expect(readdirSync(dirname(key))).toEqual(['key']);
});
