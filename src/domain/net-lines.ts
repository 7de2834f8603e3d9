// How much code an edit adds: what complexity costs and simplicity earns is told by it.
import { commentLength, readLogicalLines, stringLength } from './python-lines.ts';

type Files = Readonly<Record<string, string>>;

/** Where a line begins with this, it is a comment; other files have none that we know. */
const COMMENTS: readonly (readonly [RegExp, string])[] = [
  [/\.(ya?ml|toml|cfg|sh|r|jl)$/, '#'],
  [/\.([cm]?[jt]sx?|c|h|cc|cpp|hpp|cu|cuh|rs|go|java)$/, '//'],
];

/**
 * Code lines of `after` minus those of `before`; neither blank lines count nor comments, nor docstrings. Of Python the
 * greater of two answers, in lines and in statements: an edit that only folds lines into one another is no simpler.
 */
export function netLines(before: Files, after: Files): number {
  const [was, is] = [countAll(before), countAll(after)];
  return Math.max(is.lines - was.lines, is.statements - was.statements);
}

interface Size {
  readonly lines: number;
  readonly statements: number;
}

function countAll(files: Files): Size {
  const sizes = Object.entries(files).map(([path, text]) =>
    (path.endsWith('.py') ? countPython : countText)(text, path),
  );
  return {
    lines: sizes.reduce((sum, { lines }) => sum + lines, 0),
    statements: sizes.reduce((sum, { statements }) => sum + statements, 0),
  };
}

function countText(text: string, path: string): Size {
  const comment = COMMENTS.find(([pattern]) => pattern.test(path))?.[1];
  const lines = text.split('\n').filter((line) => isCode(line, comment)).length;
  return { lines, statements: lines };
}

function countPython(text: string): Size {
  let [lines, statements] = [0, 0];
  for (const { start, end } of readLogicalLines(text)) {
    const code = text.slice(start, end);
    if (stringLength(code, 0) === code.length) continue; // a docstring, or a text where a comment could stand
    lines += code.split('\n').filter((line) => isCode(line, '#')).length;
    statements += 1 + semicolons(code);
  }
  return { lines, statements };
}

function isCode(line: string, comment: string | undefined): boolean {
  const text = line.trim();
  return text !== '' && (comment === undefined || !text.startsWith(comment));
}

function semicolons(code: string): number {
  let count = 0;
  for (let at = 0; at < code.length; at += stringLength(code, at) || commentLength(code, at) || 1)
    if (code[at] === ';') count += 1;
  return count;
}
