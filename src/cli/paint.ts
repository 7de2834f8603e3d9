/** How a line is to look. */
export type Tone = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn';

/** SGR codes (ECMA-48 8.3.117). */
const CODES = { plain: '', bold: '1', dim: '2', good: '32', bad: '31', warn: '33' } as const;

/** A text in its tone; as it is where there are no colours. */
export function paint(text: string, tone: Tone, colour: boolean): string {
  return colour && tone !== 'plain' ? `\u001B[${CODES[tone]}m${text}\u001B[0m` : text;
}
