// How a number lies on an axis where equal distances mean about equal effects.
//   log         learning rates, sizes: t = ln(value)
//   shifted     what may be zero (weight decay, dropout): t = ln(value + shift); zero is an ordinary point of it
//   complement  betas and momentum near 1: t = -ln(1 - value), because .9 to .99 matters as much as .99 to .999
//   linear      shares of a whole, and ranges that a comment gives without `log`
// `step` is the move that is tried first: about a factor of 2 to 3 on a logarithmic axis, a quarter of a commented range at most.
import type { NumberLiteral } from './python-literal.ts';
import type { SearchComment } from './search-comment.ts';

/** Where a number may go. `low`, `high` and `step` are positions on the axis, not values. */
export interface Axis {
  readonly scale: 'log' | 'shifted' | 'complement' | 'linear';
  readonly shift: number;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly integer: boolean;
  /** Whole numbers stay multiples of it; 1 for any. */
  readonly multipleOf: number;
  /** Which sizes a whole number may take: powers of two; those and three times them; any. */
  readonly sizes: 'powers' | 'round' | 'any';
}

type Shape = Pick<Axis, 'scale' | 'shift'>;

/** Position of `value` on the axis; it may lie outside [low, high]. */
export function positionOf(axis: Shape, value: number): number {
  switch (axis.scale) {
    case 'log':
    case 'shifted':
      return Math.log(Math.max(value + axis.shift, Number.MIN_VALUE));
    case 'complement':
      return -Math.log(Math.max(1 - value, 1e-12));
    case 'linear':
      return value;
  }
}

/** The neat value (few digits, legal for its type) that lies next to `position`, inside the axis's bounds. */
export function valueAt(axis: Axis, position: number): number {
  const inside = Math.min(axis.high, Math.max(axis.low, position));
  switch (axis.scale) {
    case 'log':
      return neat(axis, Math.exp(inside));
    case 'shifted': {
      const value = Math.exp(inside) - axis.shift;
      return value < axis.shift / 2 ? neat(axis, 0) : neat(axis, value);
    }
    case 'complement':
      return bounded(axis, Number((1 - twoDigits(Math.exp(-inside))).toPrecision(12)));
    case 'linear':
      return neat(axis, inside);
  }
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}

function neat(axis: Axis, value: number): number {
  if (!axis.integer) return bounded(axis, twoDigits(value));
  const { multipleOf } = axis;
  if (axis.sizes !== 'any' && value >= 1) {
    const power = 2 ** Math.round(Math.log2(value));
    const three = 3 * 2 ** Math.round(Math.log2(value / 3));
    const nearer = Math.abs(Math.log(three / value)) < Math.abs(Math.log(power / value)) ? three : power;
    return bounded(axis, axis.sizes === 'round' && value >= 8 ? nearer : power);
  }
  if (multipleOf > 1) return bounded(axis, Math.max(1, Math.round(value / multipleOf)) * multipleOf);
  return bounded(axis, Math.round(value < 100 ? value : twoDigits(value)));
}

/** Rounding may leave the bounds: then the bound itself is the value. */
function bounded(axis: Axis, value: number): number {
  const position = positionOf(axis, value);
  const slack = 1e-9 * (1 + Math.abs(position));
  if (position > axis.high + slack) return edge(axis, axis.high, Math.floor);
  return position < axis.low - slack ? edge(axis, axis.low, Math.ceil) : value;
}

function edge(axis: Axis, position: number, round: (value: number) => number): number {
  const value =
    axis.scale === 'linear' ? position : axis.scale === 'complement' ? 1 - Math.exp(-position) : Math.exp(position) - axis.shift;
  const tidy = Number(value.toPrecision(10));
  if (!axis.integer) return tidy;
  return axis.sizes === 'any' ? round(tidy) : 2 ** round(Math.log2(tidy));
}

/** The axis of a `# search:` range. */
export function axisOfComment(comment: Extract<SearchComment, { kind: 'range' }>, number: NumberLiteral): Axis {
  const { low, high } = comment;
  const shape: Shape = { scale: comment.scale ?? scaleOfRange(low, high), shift: 0 };
  const sizes = number.integer && shape.scale === 'log' && isPower(number.value) ? 'round' : 'any';
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
  if (value === 0) return between({ scale: 'shifted', shift: 0.01 }, 0, 0.5, FLOAT);
  return between({ scale: 'log', shift: 0 }, value / 10, value * 10, FLOAT);
}

function integerAxis({ value, text }: NumberLiteral): Axis | null {
  if (value === 0) return between({ scale: 'shifted', shift: 1 }, 0, 8, { integer: true, multipleOf: 1, sizes: 'any' });
  if (isPowerText(text) || (isPower(value) && value >= 16)) {
    return between({ scale: 'log', shift: 0 }, Math.max(1, value / 16), value * 16, { integer: true, multipleOf: 1, sizes: 'powers' });
  }
  let multipleOf = 1;
  while (value % (2 * multipleOf) === 0 && multipleOf * 2 <= value / 4) multipleOf *= 2;
  if (value < 32) multipleOf = 1;
  const low = Math.max(multipleOf, Math.ceil(value / 8));
  return between({ scale: 'log', shift: 0 }, low, value * 8, { integer: true, multipleOf, sizes: 'any' });
}

function between(shape: Shape, lowValue: number, highValue: number, kind: Pick<Axis, 'integer' | 'multipleOf' | 'sizes'>): Axis {
  const [low, high] = [positionOf(shape, lowValue), positionOf(shape, highValue)];
  const wished = shape.scale === 'linear' ? Infinity : kind.integer ? Math.LN2 : Math.log(2.5);
  return { ...shape, low, high, step: Math.min(wished, (high - low) / 4), ...kind };
}

function isPower(value: number): boolean {
  return value >= 2 && Number.isInteger(Math.log2(value));
}

/** `2**19` and `1 << 19`. */
export function isPowerText(text: string): boolean {
  return /^(2\s*\*\*|1\s*<<)\s*\d+$/.test(text);
}
