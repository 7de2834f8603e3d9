import { z } from 'zod';

/** The task file's name in a user's repo. */
export const TASK_FILE = 'autoresearch.yaml';

const command = z.string().trim().min(1);
const repoPath = z
  .string()
  .trim()
  .min(1)
  .refine(
    (value) => !value.startsWith('/') && !value.split('/').includes('..'),
    'a path inside the repo, relative to the task file',
  )
  // `./train.py` and `a//b` are what git calls `train.py` and `a/b`.
  .overwrite((value) =>
    value
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/'),
  )
  .refine((value) => value !== '', 'a file or folder below the task file');
/** What `prepare` reads may stand above the task's folder: a lock file at the top, text that several tasks share. */
const inputPath = command.refine((value) => !value.startsWith('/'), 'a path relative to the task file');
/** Longer than any trial that a session could wait for; beyond some size clocks and timers stop making sense. */
const LONGEST_SECONDS = 7 * 24 * 3600;
const seconds = (least: number) => z.number().min(least).max(LONGEST_SECONDS);

/** More than ever made a median steadier. */
const MOST_BLOCKS = 100;

/** What a metric may be called; some names would be something else as keys of an object. */
export const METRIC_NAME = /^(?!(?:__proto__|constructor|prototype)$)[\w.µ]+$/;
/** The same in words. */
export const NAME_OF_METRIC =
  'a name of letters, digits, `_`, `.`, and none of `__proto__`, `constructor`, `prototype`';
const OTHER_METRIC = 'the limit of another metric than the one that is optimised';
const LIMIT = 'a number, or a multiple of the baseline such as `1.1x`';
/** What is optimised where there is a target: the supervisor's clock, whatever anybody prints under this name. */
export const SECONDS = 'seconds';
/** A metric and what it has to reach. */
export const TARGET = /^([\w.µ]+)\s*(<=|>=)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,2})?)$/i;
const TARGET_FORM = 'a metric and what it has to reach, such as `val_bpb <= 3.28`';
const SECONDS_ONLY = `\`${SECONDS}\` where there is a \`target\`, which is to be reached in as few as possible`;
const SOONER = '`minimize` where there is a `target`, which is to be reached as soon as possible';
const NO_LOSS = 'left out where there is a `target`: who gets there sooner may have trained less';
const NO_RATIO = 'left out where the score is `paired`: values are ratios to the baseline’s then';
const NO_METRIC = `about a metric, ${NAME_OF_METRIC}`;
const OTHER_TARGET = `about another metric than \`${SECONDS}\`, which is what is optimised`;
/** At most this number, or so many times what the baseline takes. */
const limit = z.union([z.number().min(0), z.string().regex(/^(?!0*\.?0*x$)\d+(\.\d+)?x$/, LIMIT)], { error: LIMIT });
const LEAST = "a number above 0, or a share of the best's value such as `1%`";
/** In the metric's units, or relative to the incumbent. */
const leastGain = z.union([z.number().positive(), z.string().regex(/^(?!0*\.?0*\s*%)\d+(\.\d+)?\s*%$/, LEAST)], {
  error: LEAST,
});

const fields = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** Each a text, or a file. */
  instructions: z.union([z.string(), z.array(z.string())]).default(''),
  editable: z.array(repoPath).min(1),
  prepare: z
    .strictObject({ run: command, inputs: z.array(inputPath).default([]), seconds: seconds(1).default(900) })
    .optional(),
  train: z.strictObject({
    run: command,
    seconds: seconds(0.1).default(300),
    startupSeconds: seconds(0).default(120),
    stallSeconds: seconds(1).default(120),
    /** What a training may write at most, in GB; absent: see src/trainer/allowance.ts. */
    outputGb: z.number().positive().optional(),
  }),
  score: z
    .strictObject({
      run: command,
      seconds: seconds(0.1).default(120),
      /** Whether the scorer also scores data that the search never sees, when AUTORESEARCH_SPLIT is `sealed`. */
      sealed: z.boolean().default(false),
      /** Scores the baseline beside the candidate, in so many blocks of four runs: see paired.ts. Absent: one run. */
      paired: z.int().min(1).max(MOST_BLOCKS).optional(),
    })
    .optional(),
  metric: z.strictObject({
    name: z.string().regex(METRIC_NAME, NAME_OF_METRIC),
    direction: z.enum(['minimize', 'maximize']).default('minimize'),
    /** What its numbers are in, for those who read them; absent: what its name ends with, if it is a unit. */
    unit: z.string().trim().min(1).optional(),
    noise: z.number().positive().optional(),
    /** A better score than this is impossible: who has one is not kept. */
    bound: z.number().optional(),
    /** What knowing nothing scores. With it, candidates are also started with AUTORESEARCH_SECONDS=0 before they are kept. */
    untrained: z.number().optional(),
    /** What a keep has to gain at least, however sure it is; less code may gain less. See least-gain.ts. */
    least: leastGain.optional(),
    /** What training prints as its own loss; lower is better. Who scores better and trains worse is not kept. */
    training: z.string().regex(METRIC_NAME, NAME_OF_METRIC).optional(),
  }),
  /** A metric and what it has to reach. The objective is then how soon a training gets there: see target.ts. */
  target: z.string().trim().regex(TARGET, TARGET_FORM).optional(),
  checks: z
    .array(z.strictObject({ name: z.string().trim().min(1), run: command, seconds: seconds(0.1).default(300) }))
    .default([]),
  /** What a candidate may take at most, by the name of a metric; see limits.ts for those that the harness measures. */
  limits: z.record(z.string(), limit).optional(),
  /** What no honest candidate takes, in the same terms: more tokens than time allows. Who does is not kept. */
  plausible: z.record(z.string(), limit).optional(),
  hidden: z.array(repoPath).default([]),
  /** Commands around a proposal that tell its proposer something; see hook.ts. */
  hooks: z.strictObject({ before: command.optional(), after: command.optional() }).optional(),
});

/** `autoresearch.yaml`: what a task is. Times in seconds; paths and commands are relative to the file's folder. */
export const taskSchema = fields.superRefine((task, context) => {
  for (const problem of [...targetProblems(task), ...pairedProblems(task)])
    context.addIssue({ code: 'custom', ...problem });
  for (const key of ['limits', 'plausible'] as const)
    for (const [name, input] of Object.entries(task[key] ?? {})) {
      const path = [key, name];
      if (!METRIC_NAME.test(name)) context.addIssue({ code: 'custom', path, input, message: NAME_OF_METRIC });
      if (name === task.metric.name) context.addIssue({ code: 'custom', path, input, message: OTHER_METRIC });
    }
});

const unless = (isRight: boolean, path: string[], input: unknown, message: string) =>
  isRight ? [] : [{ path, input, message }];

/** What does not go together with a target. */
function targetProblems({ target, metric }: z.output<typeof fields>) {
  if (target === undefined) return [];
  const { name, direction, training } = metric;
  const asked = TARGET.exec(target)?.[1];
  return [
    ...unless(name === SECONDS, ['metric', 'name'], name, SECONDS_ONLY),
    ...unless(direction === 'minimize', ['metric', 'direction'], direction, SOONER),
    ...unless(training === undefined, ['metric', 'training'], training, NO_LOSS),
    ...unless(asked !== SECONDS, ['target'], target, OTHER_TARGET),
    ...unless(asked === undefined || METRIC_NAME.test(asked), ['target'], target, NO_METRIC),
  ];
}

/** What does not go together with a score that is a ratio. */
function pairedProblems({ target, metric, score }: z.output<typeof fields>) {
  if (score?.paired === undefined) return [];
  const { bound, untrained } = metric;
  return [
    ...unless(target === undefined, ['target'], target, NO_RATIO),
    ...unless(bound === undefined, ['metric', 'bound'], bound, NO_RATIO),
    ...unless(untrained === undefined, ['metric', 'untrained'], untrained, NO_RATIO),
  ];
}

/** A parsed task file. */
export type Task = z.output<typeof taskSchema>;

/** How the objective is oriented. */
export type Direction = Task['metric']['direction'];

/** The task file's folder in the repo; empty at the top. */
export function taskFolder(taskPath: string): string {
  const end = taskPath.lastIndexOf('/');
  return end === -1 ? '' : taskPath.slice(0, end);
}

/** Where a path of the task file stands in the repo; one that leads out of it begins with `..`, where no file is. */
export function inRepo(taskPath: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${taskFolder(taskPath)}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** The editable files' paths in the repo. */
export function editablePaths({ task, taskPath }: { readonly task: Task; readonly taskPath: string }): string[] {
  return task.editable.map((path) => inRepo(taskPath, path));
}
