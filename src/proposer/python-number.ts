// Writes a number in the spirit of the one it replaces: a power as a power, 1_000 with its underscores, a float as a float.
import type { NumberLiteral } from './python-literal.ts';

/** The Python literal of `value`, which must be a whole number when `like` is one. */
export function writeNumber(value: number, like: NumberLiteral): string {
  return like.integer ? writeInteger(value, like.text) : writeFloat(value, like.text);
}

function writeInteger(value: number, like: string): string {
  const power = /^(2\s*\*\*\s*|1\s*<<\s*)\d+$/.exec(like)?.[1];
  const exponent = Math.log2(value);
  if (power !== undefined && Number.isInteger(exponent) && exponent >= 0) return `${power}${exponent}`;
  const digits = String(value);
  return like.includes('_') ? digits.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, '_') : digits;
}

function writeFloat(value: number, like: string): string {
  if (value === 0) return '0.0';
  const size = Math.abs(value);
  const scientific = size >= 1e-2 && size < 1e4 ? false : /e/i.test(like) || size < 1e-3 || size >= 1e6;
  if (scientific) return value.toExponential().replace('e+', 'e');
  const digits = String(value);
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}
