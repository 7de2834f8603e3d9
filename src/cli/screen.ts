// A small block of lines at the end of the terminal that is drawn again in place. No alternate screen: what stood above
// stays, and the last picture remains when the view is left.
import { paint } from './paint.ts';
import type { Line } from './view.ts';
import type { World } from './world.ts';

/** A block of lines that can be drawn again. */
export interface Screen {
  readonly draw: (lines: readonly Line[]) => void;
  /** Leaves the last picture and gives the cursor back. */
  readonly close: () => void;
}

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const CLEAR_BELOW = '\u001B[0J';

/** A screen on the world's terminal. Lines must be no wider than it is; what is too high is cut off. */
export function createScreen({ out, size, colour }: Pick<World, 'out' | 'size' | 'colour'>): Screen {
  let widths: readonly number[] = [];
  return {
    draw: (lines) => {
      const { columns, rows } = size();
      const shown = lines.slice(0, Math.max(1, rows - 1));
      const up = heightOf(widths, columns);
      const text = shown.map((line) => `${paint(line.text, line.tone, colour)}\n`).join('');
      out(`${HIDE_CURSOR}${up === 0 ? '' : `\u001B[${up}A\r`}${CLEAR_BELOW}${text}`);
      widths = shown.map((line) => line.text.length);
    },
    close: () => out(SHOW_CURSOR),
  };
}

/** Rows that lines take up now: a terminal made narrower has wrapped the ones drawn before. */
function heightOf(widths: readonly number[], columns: number): number {
  return widths.reduce((rows, width) => rows + Math.max(1, Math.ceil(width / Math.max(1, columns))), 0);
}
