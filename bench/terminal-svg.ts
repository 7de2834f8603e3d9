// Terminal output as a picture: text with the SGR codes that our own views use (src/cli/paint.ts) in, SVG out.
// Each piece of text stands at its column and is stretched to its width: it lines up in any font the reader has.

const COLUMN = 8.4;
const ROW = 19;
const FONT = 14;
const MARGIN = 18;
const BAR = 30;

const BACKGROUND = '#0d1117';
const FRAME = '#30363d';
const PLAIN = '#e6edf3';

/** What each SGR code does to the attributes of its text; others are left aside. */
const LOOKS: Readonly<Record<string, string>> = {
  '1': 'font-weight="bold"',
  '2': 'fill="#8b949e"',
  '31': 'fill="#ff7b72"',
  '32': 'fill="#56d364"',
  '33': 'fill="#e3b341"',
};

/** A picture of terminal lines, `columns` wide. */
export function terminalSvg(lines: readonly string[], columns: number): string {
  const width = Math.round(columns * COLUMN + 2 * MARGIN);
  const height = BAR + lines.length * ROW + MARGIN;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (colour, k) => `<circle cx="${MARGIN + 4 + k * 18}" cy="16" r="5.5" fill="${colour}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${BACKGROUND}" stroke="${FRAME}"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT}" fill="${PLAIN}">`,
    ...lines.flatMap((line, k) => lineElements(line, BAR + (k + 1) * ROW - 5)),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function lineElements(line: string, y: number): string[] {
  const elements: string[] = [];
  let column = 0;
  for (const run of `0m${line}`.split('\u001B[')) {
    const end = run.indexOf('m');
    const look = LOOKS[run.slice(0, end)] ?? '';
    // Readers' programs differ in what they make of several spaces, so only single ones are left to them.
    for (const part of run.slice(end + 1).split(/( {2,}|^ +| +$)/)) {
      const { length } = Array.from(part);
      if (part.trim() !== '') elements.push(textElement(part, column, length, y, look));
      column += length;
    }
  }
  return elements;
}

function textElement(part: string, column: number, length: number, y: number, look: string): string {
  const x = (MARGIN + column * COLUMN).toFixed(1);
  const fitted = `textLength="${(length * COLUMN).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
  return `<text x="${x}" y="${y}" ${fitted} ${look}>${escaped(part)}</text>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
