// The optional comment behind a constant: `# search: 1e-4..1e-1 log`, `# search: 2, 4, 8`, `# search: off`.
import { readLiteral } from './python-literal.ts';

/** What a comment asks for; `unclear` when it cannot be read: then the constant is left alone, never searched more widely than meant. */
export type SearchComment =
  | { readonly kind: 'none' | 'off' | 'unclear' }
  | { readonly kind: 'range'; readonly low: number; readonly high: number; readonly scale: 'log' | 'linear' | null }
  /** Python literals. */
  | { readonly kind: 'choices'; readonly choices: readonly string[] };

/** Reads the comment of a constant; `quote` makes a bare word a string, for constants that are strings. */
export function readSearchComment(comment: string, isString: boolean): SearchComment {
  const text = /#\s*search:\s*([^#]*)/i.exec(comment)?.[1]?.trim();
  if (text === undefined) return { kind: 'none' };
  if (/^(off|no|never|fixed)$/i.test(text)) return { kind: 'off' };
  return readRange(text) ?? readChoices(text, isString);
}

function readRange(text: string): SearchComment | null {
  const parts = /^(.+?)\s*\.\.\s*(\S+)(?:\s+(log|linear))?$/.exec(text);
  if (parts === null) return null;
  const [low, high] = [numberOf(parts[1]), numberOf(parts[2])];
  const scale = parts[3] === 'log' || parts[3] === 'linear' ? parts[3] : null;
  if (low === null || high === null || low >= high || (scale === 'log' && low <= 0)) return { kind: 'unclear' };
  return { kind: 'range', low, high, scale };
}

function readChoices(text: string, isString: boolean): SearchComment {
  const words = text.split(',').map((word) => word.trim());
  const choices = words.map((word) => (isString && /^\w[\w.-]*$/.test(word) ? `"${word}"` : word));
  if (choices.length < 2 || choices.some((choice) => readLiteral(choice) === null)) return { kind: 'unclear' };
  return { kind: 'choices', choices };
}

function numberOf(text: string | undefined): number | null {
  const literal = readLiteral(text ?? '');
  return literal?.kind === 'number' ? literal.value : null;
}
