// How a number lies on an axis where equal distances mean about equal effects.
//   log         learning rates, sizes: t = ln(value)
//   shifted     what may be zero (weight decay, dropout): t = ln(value + shift); zero is an ordinary point of it
//   complement  betas and momentum near 1: t = -ln(1 - value), because .9 to .99 matters as much as .99 to .999
//   linear      shares of a whole, and ranges that a comment gives without `log`
// `step` is the move that is tried first: about a factor of 2 to 3 on a logarithmic axis, a quarter of a commented range at most.

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

/** What decides how values lie on an axis. */
export type Shape = Pick<Axis, 'scale' | 'shift'>;

/** Position of `value` on the axis; it may lie outside [low, high]. */
export function positionOf(axis: Shape, value: number): number {
  switch (axis.scale) {
    case 'log':
    case 'shifted':
      return Math.log(Math.max(value + axis.shift, Number.MIN_VALUE));
    case 'complement':
      return -Math.log(Math.max(1 - value, 1e-12));
    default:
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
    default:
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
    axis.scale === 'linear'
      ? position
      : axis.scale === 'complement'
        ? 1 - Math.exp(-position)
        : Math.exp(position) - axis.shift;
  const tidy = Number(value.toPrecision(10));
  if (!axis.integer) return tidy;
  return axis.sizes === 'any' ? round(tidy) : 2 ** round(Math.log2(tidy));
}
