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
  );

/** `autoresearch.yaml`: what a task is. Times in seconds; paths and commands are relative to the file's folder. */
export const taskSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  instructions: z.string().default(''),
  editable: z.array(repoPath).min(1),
  prepare: z
    .strictObject({ run: command, inputs: z.array(repoPath).default([]), seconds: z.number().min(1).default(900) })
    .optional(),
  train: z.strictObject({
    run: command,
    seconds: z.number().min(0.1).default(300),
    startupSeconds: z.number().min(0).default(120),
    stallSeconds: z.number().min(1).default(120),
    /** What a training may write at most, in GB; absent: see src/trainer/allowance.ts. */
    outputGb: z.number().positive().optional(),
  }),
  score: z
    .strictObject({
      run: command,
      seconds: z.number().min(0.1).default(120),
      /** Whether the scorer also scores data that the search never sees, when AUTORESEARCH_SPLIT is `sealed`. */
      sealed: z.boolean().default(false),
    })
    .optional(),
  metric: z.strictObject({
    name: z.string().regex(/^[\w.µ]+$/, 'a name of letters, digits, `_`, `.`'),
    direction: z.enum(['minimize', 'maximize']).default('minimize'),
    noise: z.number().positive().optional(),
  }),
  checks: z
    .array(z.strictObject({ name: z.string().trim().min(1), run: command, seconds: z.number().min(0.1).default(300) }))
    .default([]),
  hidden: z.array(repoPath).default([]),
});

/** A parsed task file. */
export type Task = z.output<typeof taskSchema>;

/** How the objective is oriented. */
export type Direction = Task['metric']['direction'];

/** The task file's folder in the repo; empty at the top. */
export function taskFolder(taskPath: string): string {
  const end = taskPath.lastIndexOf('/');
  return end === -1 ? '' : taskPath.slice(0, end);
}

/** Where a path of the task file stands in the repo. */
export function inRepo(taskPath: string, path: string): string {
  const folder = taskFolder(taskPath);
  return folder === '' ? path : `${folder}/${path}`;
}

/** The editable files' paths in the repo. */
export function editablePaths({ task, taskPath }: { readonly task: Task; readonly taskPath: string }): string[] {
  return task.editable.map((path) => inRepo(taskPath, path));
}
