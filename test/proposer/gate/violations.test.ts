import { expect, it } from 'vitest';
import type { CodeReading } from '../../../src/proposer/gate/read-code.ts';
import { violation } from '../../../src/proposer/gate/violations.ts';

const file = (findings: Extract<CodeReading, { data: number }>['findings'], data = 0): CodeReading => ({
  normal: '',
  findings,
  data,
});

it('lets pass what the base does too, wherever it stands in the candidate', () => {
  const base = { 'a.py': file([['process', 'subprocess']]), 'b.py': file([]) };
  expect(violation(base, base)).toBeUndefined();
  expect(violation(base, { 'a.py': file([]), 'b.py': file([['process', 'subprocess']]) })).toBeUndefined();
  expect(violation(base, { 'a.py': file([]) })).toBeUndefined();
});

it('names the class of what is new, once more of the same included, and nothing else', () => {
  const base = { 'a.py': file([['process', 'subprocess']]) };
  const twice = { 'a.py': file([['process', 'subprocess'], ['process', 'subprocess']]) }; // prettier-ignore
  expect(violation(base, twice)).toBe('it starts or steers other processes');
  const other = violation(base, { 'a.py': file([['seed', '137']]) });
  expect(other).toBe('it chooses its own seed');
  expect(other).not.toContain('137');
});

it('says nothing of a file whose base nobody could read', () => {
  const base = { 'a.py': { problem: 'line 1' }, 'b.py': file([]) };
  expect(violation(base, { 'a.py': file([['exit', 'atexit']]), 'b.py': file([]) })).toBeUndefined();
  expect(violation(base, { 'a.py': file([]), 'b.py': file([['exit', 'atexit']]) })).toMatch(/end of the process/);
});

it('takes thousands of new characters in literals for data', () => {
  expect(violation({ 'a.py': file([], 500) }, { 'a.py': file([], 8500) })).toBeUndefined();
  expect(violation({ 'a.py': file([], 500) }, { 'a.py': file([], 4500), 'b.py': file([], 4500) })).toMatch(/data/);
});
