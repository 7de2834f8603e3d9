// Where a number may go: as its `# search:` comment says, else by its name, its value and how it is written.
import { positionOf, type Axis, type Shape } from './axis.ts';
import type { NumberLiteral } from './python-literal.ts';
import type { SearchComment } from './search-comment.ts';

/** The axis of a `# search:` range. */
export function axisOfComment(comment: Extract<SearchComment, { kind: 'range' }>, number: NumberLiteral): Axis {
  const { low, high } = comment;
  const shape: Shape = { scale: comment.scale ?? scaleOfRange(low, high), shift: 0 };
  const sizes = number.integer && shape.scale === 'log' && isRound(number.value) ? 'round' : 'any';
  const kind = { integer: number.integer, multipleOf: 1, sizes: isPowerText(number.text) ? 'powers' : sizes } as const;
  return between(shape, low, high, kind);
}

function scaleOfRange(low: number, high: number): Axis['scale'] {
  if (low >= 0.5 && high < 1 && (1 - low) / (1 - high) >= 4) return 'complement';
  return low > 0 && high / low >= 20 ? 'log' : 'linear';
}

/** The axis of a number without a comment, from its name and value; null when it is better left alone. */
export function defaultAxis(name: string, number: NumberLiteral): Axis | null {
  if (number.value < 0) return null; // -1 mostly means "none" or "all"
  return number.integer ? integerAxis(number) : floatAxis(name, number.value);
}

const NEAR_ONE = /(^|_)(beta\d*|betas|momentum|ema|gamma|decay)(_|$)/;
const SHARE = /(^|_)(dropout|drop|ratio|frac|fraction|prob|probability|share|percent|warmup|warmdown|cooldown)(_|$)/;
const FLOAT = { integer: false, multipleOf: 1, sizes: 'any' } as const;

function floatAxis(name: string, value: number): Axis | null {
  if (value >= 1e6 || (value > 0 && value < 1e-7)) return null; // a constant of nature or a guard against division by zero
  if (value >= 0.75 && value < 1 && (NEAR_ONE.test(name) || value > 0.85)) {
    const rest = 1 - value;
    return between({ scale: 'complement', shift: 0 }, Math.max(0.3, 1 - 10 * rest), 1 - rest / 20, FLOAT);
  }
  if (SHARE.test(name) && value <= 1) {
    if (value >= 0.25) return between({ scale: 'linear', shift: 0 }, 0, 1, FLOAT);
    return between({ scale: 'shifted', shift: 0.02 }, 0, Math.max(0.5, Math.min(0.9, 5 * value)), FLOAT);
  }
  if (/(^|_)(weight_decay|wd)(_|$)/.test(name) && value > 0 && value < 1) {
    return between({ scale: 'shifted', shift: value / 10 }, 0, value * 10, FLOAT);
  }
  if (value === 0) return between({ scale: 'shifted', shift: 0.01 }, 0, 0.5, FLOAT);
  return between({ scale: 'log', shift: 0 }, value / 10, value * 10, FLOAT);
}

function integerAxis({ value, text }: NumberLiteral): Axis | null {
  if (value === 0) return between({ scale: 'shifted', shift: 1 }, 0, 8, { integer: true, multipleOf: 1, sizes: 'any' });
  if (isPowerText(text) || (isPower(value) && value >= 16)) {
    return between({ scale: 'log', shift: 0 }, Math.max(1, value / 16), value * 16, {
      integer: true,
      multipleOf: 1,
      sizes: 'powers',
    });
  }
  let multipleOf = 1;
  while (value % (2 * multipleOf) === 0 && multipleOf * 2 <= value / 4) multipleOf *= 2;
  if (value < 32) multipleOf = 1;
  const low = Math.max(multipleOf, Math.ceil(value / 8));
  return between({ scale: 'log', shift: 0 }, low, value * 8, { integer: true, multipleOf, sizes: 'any' });
}

function between(
  shape: Shape,
  lowValue: number,
  highValue: number,
  kind: Pick<Axis, 'integer' | 'multipleOf' | 'sizes'>,
): Axis {
  const [low, high] = [positionOf(shape, lowValue), positionOf(shape, highValue)];
  const wished = shape.scale === 'linear' ? Infinity : kind.integer ? Math.LN2 : Math.log(2.5);
  return { ...shape, low, high, step: Math.min(wished, (high - low) / 4), ...kind };
}

function isPower(value: number): boolean {
  return value >= 2 && Number.isInteger(Math.log2(value));
}

/** A power of two, or three times one. */
function isRound(value: number): boolean {
  return isPower(value) || isPower(value / 3);
}

/** `2**19` and `1 << 19`. */
function isPowerText(text: string): boolean {
  return /^(2\s*\*\*|1\s*<<)\s*\d+$/.test(text);
}
