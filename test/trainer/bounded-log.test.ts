import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTail, openBoundedLog } from '../../src/trainer/bounded-log.ts';
import { testFolder } from './support.ts';

const path = join(testFolder, 'log');

test('keeps everything that fits, byte for byte', () => {
  const log = openBoundedLog(path, 4000);
  const text = 'x'.repeat(3500);
  for (let at = 0; at < text.length; at += 500) log.write(Buffer.from(text.slice(at, at + 500)));
  log.close();
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('says how many bytes are missing between head and tail', () => {
  const log = openBoundedLog(path, 4000);
  const text = Array.from({ length: 2000 }, (_, at) => `${at}\n`).join('');
  for (const line of text.split(/(?<=\n)/)) log.write(Buffer.from(line));
  log.close();
  const [head = '', missing, tail = ''] = readFileSync(path, 'utf8').split(
    /\n\[autoresearch: (\d+) bytes left out here\]\n/,
  );
  expect(head.length + Number(missing) + tail.length).toBe(text.length);
  expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
});

test('knows the last line, whether finished or not, with \\r as an end', () => {
  const log = openBoundedLog(path, 4000);
  const after = (text: string): string => {
    log.write(Buffer.from(text));
    return log.lastLine();
  };
  expect(log.lastLine()).toBe('');
  expect(after('one\n')).toBe('one');
  expect(after('two\rthr')).toBe('thr');
  expect(after('ee\r\n\n')).toBe('three');
  log.close();
});

test('a full disk costs log, not the training', () => {
  const log = openBoundedLog('/dev/full', 4000);
  log.write(Buffer.from('lost\n'));
  log.close();
  expect(log.bytes()).toBe(5);
  expect(log.lastLine()).toBe('lost');
});

test('a tail holds its newest bytes and counts the others', () => {
  const tail = createTail(4);
  for (const text of ['ab', 'cdef', 'g', 'h']) tail.push(Buffer.from(text));
  const { kept, dropped } = tail.take();
  expect([kept.toString(), dropped]).toEqual(['efgh', 4]);
});
