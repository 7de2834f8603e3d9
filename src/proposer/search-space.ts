// What may be varied: each constant, or each number of a tuple, becomes a parameter with an axis or with choices.
// Everything here is a default that a `# search:` comment overrides. `default-axis.ts` says where numbers may go.
import type { Axis } from './axis.ts';
import type { Constant } from './constants.ts';
import { axisOfComment, defaultAxis } from './default-axis.ts';
import type { Files } from './proposer.ts';
import { booleansOf, constantsIn, hasConstants, isSameValue, wordsOf } from './file-constants.ts';
import type { NumberLiteral } from './python-literal.ts';
import { readSearchComment } from './search-comment.ts';

interface Place {
  /** Unique in the space: file, name and, in a tuple, which number. */
  readonly key: string;
  readonly file: string;
  readonly name: string;
  /** Which number of a tuple. */
  readonly item: number | null;
  /** How much is expected of it before anything was tried, as a variance; 1 is usual. */
  readonly weight: number;
}

/** One thing that a proposer varies. */
export type Parameter =
  | (Place & { readonly kind: 'number'; readonly axis: Axis; readonly literal: NumberLiteral })
  /** `choices` are literals of the file's language. */
  | (Place & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly current: string });

// Names whose change would move the goal, the budget or the data instead of the model. As whole words between underscores.
const NEVER =
  /(^|_)(seeds?|time|budget|seconds|minutes|hours|deadline|timeout|evals?|val|valid|validation|tests?|log|logging|print|report|save|checkpoint|ckpt|wandb|path|dir|file|folder|url|host|port|version|vocab|vocabulary|debug|verbose|profile|resume|compile|workers|threads|rank|world|peak|flops|classes|interval|every|eps|epsilon|shards?|splits?|dataset|tokenizer)(_|$)/;
const NEVER_COUNTS =
  /^(max_|num_|n_|total_)?(steps|iters|iterations|epochs)$|(^|_)(input|output|in|out)_(dim|size|channels|features)$/;

// What a name says about how much it matters in a short training. In public logs rates, batch and model size carry nearly
// all of the gain (one of 1,800 experiments: 31.0 of 31.1 % by batch size and depth alone), betas and decays little.
const MATTERS: readonly (readonly [RegExp, number])[] = [
  [/(^|_)(lr|rate|learning)(_|$)/, 3],
  [/(^|_)(batch|hidden|depth|width|layers?|embd|embed|dim|size|aspect)(_|$)/, 1.5],
  [/(^|_)(beta\d*|betas|momentum|decay|warmup|clip|bias)(_|$)/, 0.6],
];

function weightOf(words: string): number {
  return MATTERS.find(([pattern]) => pattern.test(words))?.[1] ?? 1;
}

/** The parameters of `files`, in the order of the files' names and of their lines. */
export function readSearchSpace(files: Files): Parameter[] {
  return Object.keys(files)
    .filter(hasConstants)
    .toSorted()
    .flatMap((file) => readFileSpace(file, files[file] ?? ''));
}

function readFileSpace(file: string, source: string): Parameter[] {
  const constants = constantsIn(file, source);
  // A script's capitals are its settings and the rest is state; only a file without capitals is read in lower case.
  const inCapitals =
    file.endsWith('.py') && constants.some(({ name }) => name.length > 1 && name === name.toUpperCase());
  return constants.flatMap((constant) => {
    const commented = /#\s*search:/i.test(constant.comment);
    if (!commented && inCapitals && constant.name !== constant.name.toUpperCase()) return [];
    return parametersOf(file, constant);
  });
}

function parametersOf(file: string, constant: Constant): Parameter[] {
  const { name, literal } = constant;
  const words = wordsOf(name);
  const last = wordsOf(name.slice(name.lastIndexOf('.') + 1));
  const place = { key: `${file}:${name}`, file, name, item: null, weight: weightOf(words) };
  const comment = readSearchComment(constant.comment, literal.kind === 'string');
  if (comment.kind === 'off' || comment.kind === 'unclear') return [];
  if (comment.kind === 'choices') {
    // The choice that stands there keeps its own spelling, so that going back to it is no new text.
    const choices = comment.choices.map((choice) =>
      isSameValue(file, choice, constant.text) ? constant.text : choice,
    );
    return literal.kind === 'tuple' ? [] : [{ ...place, kind: 'choice', choices, current: constant.text }];
  }
  if (comment.kind === 'none' && (NEVER.test(words) || NEVER_COUNTS.test(last))) return [];
  if (literal.kind === 'boolean')
    return [{ ...place, kind: 'choice', choices: booleansOf(file), current: constant.text }];
  if (literal.kind === 'string') return [];
  const numbers = literal.kind === 'tuple' ? literal.items : [literal];
  return numbers.flatMap((number, index) => {
    const axis = comment.kind === 'range' ? axisOfComment(comment, number) : defaultAxis(words, number);
    const item = literal.kind === 'tuple' ? index : null;
    const key = item === null ? place.key : `${place.key}[${item}]`;
    return axis === null ? [] : [{ ...place, key, item, kind: 'number', axis, literal: number }];
  });
}
