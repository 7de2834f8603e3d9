import { stringify } from 'yaml';
import { targetOf } from '../domain/target.ts';

/** What `init` knows of a task. */
export interface Draft {
  readonly name: string;
  readonly train: string;
  readonly metric: string;
  readonly direction: 'minimize' | 'maximize';
  readonly edit: readonly string[];
  readonly target?: string;
  readonly seconds?: number;
  readonly score?: string;
  readonly paired?: number;
}

const DEFAULT_SECONDS = 300;

/** A task file with comments that say what else it may hold. Pure. */
export function taskText(draft: Draft): string {
  const { name, train, metric, direction, edit, target, seconds = DEFAULT_SECONDS } = draft;
  return `# What a research session may do here. Paths and commands are relative to this file's folder.
name: ${inline(name)}

# What to try, for the proposer: a text, or a file of this repo.
# instructions: program.md

# Everything else is protected: a candidate that touches it is refused.
editable: ${inline([...edit])}

# Runs once per machine and content of its inputs: packages, data.
# prepare: { run: python3 prepare.py, inputs: [prepare.py] }

# One training. At the end of its wall clock it is ended.
train: { run: ${inline(train)}, seconds: ${inline(seconds)} }

${scoreText(draft, targetOf({ target })?.metric ?? metric)}
metric: { name: ${inline(metric)}, direction: ${direction} }
${targetText(target)}
# Must pass before a candidate is kept.
# checks: [{ name: tests, run: pytest -q }]

# What a candidate may take at most: a number, or a multiple of the baseline.
# limits: { peak_memory_mb: 1.1x }
`;
}

function targetText(target: string | undefined): string {
  if (target === undefined) return '';
  return `\n# What a training reaches before it ends itself; how soon, by the clock of its supervisor, is the metric.\ntarget: ${inline(target)}\n`;
}

function scoreText({ score, paired }: Draft, metric: string): string {
  const pairs = paired === undefined ? '' : `, paired: ${inline(paired)}`;
  if (score !== undefined)
    return `# Measures what a training left; prints \`METRIC ${metric}=0.123\`.\nscore: { run: ${inline(score)}${pairs} }\n`;
  return `# Without a scorer the metric is what training prints: \`METRIC ${metric}=0.123\` or \`${metric}: 0.123\`.
# score: { run: python score.py }
`;
}

/** A value as YAML on one line, quoted where it must be. */
const inline = (value: string | number | readonly string[]): string =>
  stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    defaultStringType: typeof value === 'number' ? 'PLAIN' : 'QUOTE_DOUBLE',
  }).trim();
