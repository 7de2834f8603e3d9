import { z } from 'zod';

const text = z.string().trim().min(1);
const count = z.int().min(1);
/** As many experiments as a session may have, and as one `extend` may add. */
export const MOST_EXPERIMENTS = 100_000;

/** As many experiments at once as one session may try: more would learn little from each other. */
const MOST_LANES = 16;

/** How gains are judged: `default`, quicker, stricter, or as karpathy's loop was published. */
export const RULES = ['default', 'fast', 'strict', 'greedy'] as const;
/** The name of a verdict rule. */
export type Rule = (typeof RULES)[number];

/** Who writes the edits: two searches, a model, search and model by turns, or a person's own command. */
const PROPOSERS = ['search', 'random', 'anthropic', 'hybrid', 'command'] as const;
/** One of the five. */
export type ProposerName = (typeof PROPOSERS)[number];
/** Whether some edits are written by a model, which has to be paid. */
export const asksModel = (proposer: ProposerName | undefined): boolean =>
  proposer === 'anthropic' || proposer === 'hybrid';
/** Whether an edit may take minutes, because somebody thinks about it. */
export const takesThought = (proposer: ProposerName): boolean => asksModel(proposer) || proposer === 'command';
/** How hard a model is to think. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
/** One of the five. */
export type Effort = (typeof EFFORTS)[number];

const MINUTES_A_WEEK = 7 * 24 * 60;

/** Less than this is hardly longer; more, or more of them, would take longer than the search did. */
const [LEAST_SCALE, MOST_SCALE, MOST_SCALES] = [1.5, 100, 4];

/** When a claim is measured again: after every few keeps, before a large gain is kept and at the end; at the end; never. */
const AUDITS = ['all', 'end', 'none'] as const;

/** Session input: every field optional, unknown keys refused; the same JSON in CLI, Temporal UI and scripts. */
export const sessionInputSchema = z
  .strictObject({
    repo: text.optional(),
    ref: text.optional(),
    tag: text.optional(),
    task: text.optional(),
    proposer: z.enum(PROPOSERS).optional(),
    /** Of the proposer of that name: a known agent's name, or a command line; see src/proposer/agent/presets.ts. */
    command: text.max(4000).optional(),
    /** Of a proposer that is one; absent: what the control worker's ANTHROPIC_MODEL says, else a default. */
    model: text.optional(),
    effort: z.enum(EFFORTS).optional(),
    maxTokens: z.int().min(256).max(200_000).optional(),
    /** The model that reads what would be kept, and whose doubt keeps it in quarantine; absent: none does. */
    reviewer: text.optional(),
    /** What models may cost, in US dollars, and read and write together, in tokens. */
    usd: z.number().positive().optional(),
    tokens: z.int().min(1).optional(),
    experiments: count.max(MOST_EXPERIMENTS).optional(),
    hours: z.number().positive().optional(),
    gpuHours: z.number().positive().optional(),
    trialSeconds: z.number().min(0.1).max(86_400).optional(),
    /** Experiments that are tried at once, each on a device of its own. */
    parallel: z.int().min(1).max(MOST_LANES).optional(),
    lookahead: z.int().min(0).max(MOST_LANES).optional(),
    rule: z.enum(RULES).optional(),
    /** When the claim is measured again, with fresh seeds and on sealed data; `greedy` does not unless told. */
    audit: z.enum(AUDITS).optional(),
    /** Multiples of a training's time for which the gain is measured too, at the end. */
    scale: z.array(z.number().min(LEAST_SCALE).max(MOST_SCALE)).min(1).max(MOST_SCALES).optional(),
    calibration: z.int().min(1).max(20).optional(),
    /** Whether a proposal waits for a person's yes; for how long, and what becomes of it then (default: it is dropped). */
    approve: z.boolean().optional(),
    approveMinutes: z.number().positive().max(MINUTES_A_WEEK).optional(),
    approveThen: z.enum(['try', 'drop']).optional(),
    /** Noise far above what earlier sessions saw on this kind of device blocks, and is not only said. */
    strictMachine: z.boolean().optional(),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .optional(),
    push: z.enum(['all', 'kept', 'none']).optional(),
    keepOutputs: z.enum(['best', 'all']).optional(),
    /** A session whose workflow is gone or over: goes on from its ledger, under its own id. */
    continueFrom: text.optional(),
  })
  .superRefine(({ proposer, command, continueFrom }, context) => {
    // A session that goes on has the other half already.
    if (continueFrom !== undefined || (proposer === 'command') === (command !== undefined)) return;
    const [path, message] =
      command === undefined
        ? ['command', 'a command line, or claude, codex, gemini, opencode or aider, which proposer `command` runs']
        : ['proposer', '`command` where `command` says what it runs'];
    context.addIssue({ code: 'custom', path: [path], input: command === undefined ? command : proposer, message });
  })
  .superRefine(({ approve, approveMinutes, approveThen }, context) => {
    const [path, input] =
      approveMinutes === undefined ? ['approveThen', approveThen] : ['approveMinutes', approveMinutes];
    if (approve === true && (approveThen === undefined || approveMinutes !== undefined)) return;
    if (approveMinutes === undefined && approveThen === undefined) return;
    const message = approve === true ? '`approveMinutes` beside it' : '`approve` beside it, which asks at all';
    context.addIssue({ code: 'custom', path: [path], input, message });
  })
  .superRefine(({ scale, audit, rule }, context) => {
    if (scale === undefined || (audit ?? (rule === 'greedy' ? 'none' : 'all')) !== 'none') return;
    const message = "used with an audit at the end (`audit`: 'end'), with which longer trainings are compared";
    context.addIssue({ code: 'custom', path: ['scale'], input: scale, message });
  })
  .superRefine(({ rule, calibration }, context) => {
    if (calibration !== 1 || rule === 'greedy') return;
    const message = 'at least 2: one trial shows no noise, and only the rule `greedy` does without';
    context.addIssue({ code: 'custom', path: ['calibration'], input: calibration, message });
  });

/** What a person may say when a session starts. Times in seconds or hours as named. */
export type SessionInput = z.output<typeof sessionInputSchema>;

/** The words for a session's state; `interrupted` is only ever read from git. */
export type SessionStatus =
  | 'opening'
  | 'calibrating'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'blocked'
  | 'stopping'
  | 'auditing'
  | 'done'
  | 'failed';
