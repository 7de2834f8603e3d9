// Python literals that a proposer can vary: numbers (also sums, products and powers of them), booleans, plain strings, tuples of numbers.
import { commentLength, stringLength } from '../domain/python-lines.ts';

/** A number with where it stands in the source that it was read from; `text` may be an expression such as `2**19`. */
export interface NumberLiteral {
  readonly kind: 'number';
  readonly integer: boolean;
  readonly value: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A value that can be read without running Python. */
export type Literal =
  | NumberLiteral
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tuple'; readonly items: readonly NumberLiteral[] };

interface Token {
  readonly text: string;
  readonly start: number;
}

interface Amount {
  readonly integer: boolean;
  readonly value: number;
}

const NUMBER = /(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;
const OPERATOR = /\*\*|\/\/|<<|[-+*/(),[\]]/y;
const WORD = /[A-Za-z_]\w*/y;

/** Reads source[start, end) as one literal; null when it is anything else. */
export function readLiteral(source: string, start = 0, end = source.length): Literal | null {
  const tokens = tokenize(source, start, end);
  const [first, second] = tokens ?? [];
  if (tokens === null || first === undefined) return null;
  if (second === undefined && /^(True|False)$/.test(first.text))
    return { kind: 'boolean', value: first.text === 'True' };
  if (second === undefined && /^["']/.test(first.text)) return readString(first.text);
  const single = readNumber(source, tokens);
  return single ?? readTuple(source, tokens);
}

/** Only strings that say what they are: no prefix, no escape, one line. */
function readString(text: string): Literal | null {
  if (text.length < 2 || text.includes('\\') || /^("""|''')/.test(text) || text.at(-1) !== text[0]) return null;
  return { kind: 'string', value: text.slice(1, -1) };
}

function readTuple(source: string, tokens: readonly Token[]): Literal | null {
  const [open, close] = [tokens[0]?.text, tokens.at(-1)?.text];
  if (!((open === '(' && close === ')') || (open === '[' && close === ']'))) return null;
  const items: NumberLiteral[] = [];
  let [part, depth]: [Token[], number] = [[], 0];
  for (const token of tokens.slice(1)) {
    const ended = depth === 0 && (token.text === ',' || token.text === close);
    if (!ended) {
      depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
      part.push(token);
      continue;
    }
    const item = readNumber(source, part);
    if (item === null && !(part.length === 0 && token.text === close)) return null;
    if (item !== null) items.push(item);
    part = [];
  }
  return items.length === 0 ? null : { kind: 'tuple', items };
}

function readNumber(source: string, tokens: readonly Token[]): NumberLiteral | null {
  const [first, last] = [tokens[0], tokens.at(-1)];
  const amount = evaluate(tokens.map((token) => token.text));
  if (first === undefined || last === undefined || amount === null || !Number.isFinite(amount.value)) return null;
  if (amount.integer && !Number.isSafeInteger(amount.value)) return null;
  const [start, end] = [first.start, last.start + last.text.length];
  return { kind: 'number', ...amount, start, end, text: source.slice(start, end) };
}

function tokenize(source: string, start: number, end: number): Token[] | null {
  const tokens: Token[] = [];
  for (let at = start; at < end;) {
    const skipped = /\s/.test(source[at] ?? '') ? 1 : source[at] === '\\' ? 2 : commentLength(source, at);
    if (skipped > 0) {
      at += skipped;
      continue;
    }
    const text =
      source.slice(at, at + stringLength(source, at)) || match(NUMBER, source, at) || match(OPERATOR, source, at);
    const token = text || match(WORD, source, at);
    // A number that runs into a word is none of ours: 0x10, 1j.
    if (token === '' || (/^[\d.]/.test(token) && /\w/.test(source[at + token.length] ?? ''))) return null;
    tokens.push({ text: token, start: at });
    at += token.length;
  }
  return tokens;
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

/** Python's precedence: << below + - below * / // below unary minus below **; null for what is no number. */
function evaluate(tokens: readonly string[]): Amount | null {
  let at = 0;
  const binary = (operand: () => Amount | null, operators: readonly string[]) => (): Amount | null => {
    let left = operand();
    for (
      let operator = tokens[at];
      left !== null && operator !== undefined && operators.includes(operator);
      operator = tokens[at]
    ) {
      at += 1;
      const right = operand();
      left = right === null ? null : combine(left, operator, right);
    }
    return left;
  };
  const atom = (): Amount | null => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = shift();
      return tokens[at++] === ')' ? inner : null;
    }
    return token !== undefined && /^[\d.]/.test(token) ? readAmount(token) : null;
  };
  const power = (): Amount | null => {
    const base = atom();
    if (base === null || tokens[at] !== '**') return base;
    at += 1;
    const exponent = unary();
    return exponent === null ? null : combine(base, '**', exponent);
  };
  const unary = (): Amount | null => {
    if (tokens[at] !== '-') return power();
    at += 1;
    const operand = unary();
    return operand === null ? null : { integer: operand.integer, value: -operand.value };
  };
  const shift = binary(binary(binary(unary, ['*', '/', '//']), ['+', '-']), ['<<']);
  const amount = shift();
  return at === tokens.length ? amount : null;
}

function readAmount(token: string): Amount | null {
  if (/^0\d/.test(token.replaceAll('_', '')) && !/[.eE]/.test(token)) return null;
  return { integer: !/[.eE]/.test(token), value: Number(token.replaceAll('_', '')) };
}

function combine(left: Amount, operator: string, right: Amount): Amount | null {
  const integer = left.integer && right.integer;
  switch (operator) {
    case '+':
      return { integer, value: left.value + right.value };
    case '-':
      return { integer, value: left.value - right.value };
    case '*':
      return { integer, value: left.value * right.value };
    case '/':
      return { integer: false, value: left.value / right.value };
    case '//':
      return { integer, value: Math.floor(left.value / right.value) };
    case '**':
      return { integer: integer && right.value >= 0, value: left.value ** right.value };
    default:
      return integer ? { integer, value: left.value * 2 ** right.value } : null;
  }
}
