import { stringify } from 'yaml';
import { unitOf } from '../formats/cells.ts';
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
/** Enough for most latencies; a person who looks at the task file sees what it costs. */
const PAIRS = 10;

const TIME_UNITS: ReadonlySet<string> = new Set(['µs', 'ms', 's']);
/** Times and rates whose names end with no unit of time. */
const SPEED =
  /(^|[_.])(ns|us|latency|time|seconds|runtime|throughput|bandwidth|[gt]?flops|fps|qps|rps|per_s(ec(ond)?)?)([_.]|$)/i;

/** Whether a metric is a time or a rate by its name, and yet measured alone: a machine moves it more than ideas do. */
export const isTimedAlone = ({ metric, target, paired }: Draft): boolean =>
  target === undefined && paired === undefined && (TIME_UNITS.has(unitOf(metric)) || SPEED.test(metric));

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

function scoreText(draft: Draft, metric: string): string {
  const { train, score, paired } = draft;
  const beside = isTimedAlone(draft)
    ? `# A time or a rate is measured best beside the baseline's: \`train\` builds, and this runs on both by turns.\n# score: { run: ${inline(score ?? train)}, paired: ${PAIRS} }\n`
    : '';
  const pairs = paired === undefined ? '' : `, paired: ${inline(paired)}`;
  if (score !== undefined)
    return `# Measures what a training left; prints \`METRIC ${metric}=0.123\`.\nscore: { run: ${inline(score)}${pairs} }\n${beside}`;
  return `# Without a scorer the metric is what training prints: \`METRIC ${metric}=0.123\` or \`${metric}: 0.123\`.
${beside === '' ? '# score: { run: python score.py }\n' : beside}`;
}

/** A value as YAML on one line, quoted where it must be. */
const inline = (value: string | number | readonly string[]): string =>
  stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    defaultStringType: typeof value === 'number' ? 'PLAIN' : 'QUOTE_DOUBLE',
  }).trim();
