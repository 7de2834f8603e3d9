import { z } from 'zod';
import { AUDIT_MOMENTS } from './audit.ts';
import { experimentRecordSchema, trialSchema, type ExperimentRecord } from './experiment.ts';
import { hookRunSchema, type HookRun } from './hook.ts';
import { projectKindSchema } from './project.ts';
import { SCALE_VERDICTS } from './scale.ts';
import { sessionInputSchema } from './session.ts';
import { taskSchema } from './task.ts';

const opening = z.object({
  version: z.literal(1),
  kind: z.literal('open'),
  session: z.string(),
  tag: z.string(),
  at: z.string(),
  // Not strict here: a ledger must stay readable when options come and go.
  input: z.object(sessionInputSchema.shape),
  task: z.object(taskSchema.shape),
  taskPath: z.string(),
  base: z.string(),
  contract: z.string(),
  /** Whose project the task was derived from, where no task file says all of it. */
  project: projectKindSchema.optional(),
  /** A task file says what is otherwise in that task. */
  overlaid: z.boolean().optional(),
});
const baseline = z.object({
  version: z.literal(1),
  kind: z.literal('baseline'),
  at: z.string(),
  commit: z.string(),
  trials: z.array(trialSchema),
  /** What the noise was expected to be: sd of one trial, null where nothing was; absent: as the task file has it. */
  prior: z.number().nullable().optional(),
});
const moved = z.object({
  version: z.literal(1),
  kind: z.literal('moved'),
  at: z.string(),
  from: z.string(),
  to: z.string(),
  /** The last experiment that was decided on the line before; what is kept after it stands on `to`. */
  after: z.number().int().nonnegative(),
  trials: z.array(trialSchema),
  /** The session itself set it back to what this commit of the line has, because an audit did not find the gain since. */
  restores: z.object({ commit: z.string(), experiment: z.number().int().nonnegative() }).optional(),
});
const audit = z.object({
  version: z.literal(1),
  kind: z.literal('audit'),
  at: z.string(),
  /** Whose claim was audited. */
  commit: z.string(),
  /** Absent from ledgers of older versions: at the end. */
  moment: z.enum(AUDIT_MOMENTS).optional(),
  baseline: z.string(),
  /** `sealed`: data that the search never saw; `val`: only the seeds were new. */
  split: z.enum(['sealed', 'val']),
  /** The how-manieth audit of the session on that data it is; absent from ledgers of older versions. */
  looks: z.int().min(1).optional(),
  trials: z.array(trialSchema),
  claimed: z.number(),
  /** Null, as what follows from it, where every trial of the commit crashed. */
  gain: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  stderr: z.number().nullable(),
  z: z.number().nullable(),
  /** How many trials of the commit missed the task's target; absent: none. */
  missed: z.int().min(1).optional(),
  /** How many of them gave no value by the commit's own fault; absent: none. */
  crashed: z.int().min(1).optional(),
  passed: z.boolean(),
});
const scale = z.object({
  version: z.literal(1),
  kind: z.literal('scale'),
  at: z.string(),
  commit: z.string(),
  baseline: z.string(),
  split: z.enum(['sealed', 'val']),
  /** How many times the budget. */
  times: z.number(),
  trials: z.array(trialSchema),
  gain: z.number(),
  stderr: z.number(),
  /** How much of the gain that the audit found is left, and where that lies with 95 %; null: anywhere. */
  share: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  verdict: z.enum(SCALE_VERDICTS),
});
const continued = z.object({
  version: z.literal(1),
  kind: z.literal('continued'),
  at: z.string(),
  /** What was asked this time; the rest is as the opening has it. */
  input: z.object(sessionInputSchema.shape),
});
const reviewed = z.object({
  version: z.literal(1),
  kind: z.literal('reviewed'),
  at: z.string(),
  /** What was quarantined. */
  experiment: z.number().int().positive(),
  /** `accepted`: a person finds it honest, so its edit is tried once more; what spoke against it counts no longer. */
  decision: z.enum(['accepted', 'rejected']),
});
const end = z.object({
  version: z.literal(1),
  kind: z.literal('end'),
  at: z.string(),
  status: z.enum(['done', 'failed']),
  reason: z.string(),
});

/** What `record` writes: everything in the ledger that is no experiment. */
const ledgerEventSchema = z.discriminatedUnion('kind', [
  opening,
  baseline,
  moved,
  audit,
  scale,
  reviewed,
  continued,
  end,
]);
/** One `events/<k>-<kind>.json` of the ledger. */
export type LedgerEvent = z.output<typeof ledgerEventSchema>;
/** A claim that was measured again: fresh seeds, and sealed data where there is some. */
export type AuditEvent = z.output<typeof audit>;

/** The gain in longer trainings. */
export type ScaleEvent = z.output<typeof scale>;

/** What a person decided of an experiment in quarantine. */
export type ReviewedEvent = z.output<typeof reviewed>;

/** The last line of a session that is over. */
export type EndEvent = z.output<typeof end>;
/** Somebody else moved the kept line, and a person wanted the session to go on from there; or the session set it back. */
export type MovedEvent = z.output<typeof moved>;
/** The untouched commit's trials. */
export type BaselineEvent = z.output<typeof baseline>;
/** The first event of every ledger: what was asked and frozen. */
export type OpenEvent = z.output<typeof opening>;

/** The session's end, unless it was continued after it. */
export function endOf(events: readonly LedgerEvent[]): EndEvent | undefined {
  const last = events.findLast(({ kind }) => kind === 'end' || kind === 'continued');
  return last?.kind === 'end' ? last : undefined;
}

/** A whole ledger, experiments and events in their order. */
export interface Ledger {
  readonly experiments: readonly ExperimentRecord[];
  readonly events: readonly LedgerEvent[];
  /** Absent where no hook ran. */
  readonly hooks?: readonly HookRun[];
}

/** Where experiment n's record stands: sharded by hundreds, so that no folder grows without bound. */
export function experimentPath(experiment: number): string {
  return `experiments/${String(Math.floor(experiment / 100)).padStart(2, '0')}/${experiment}.json`;
}

/** Where event k stands; k counts a ledger's events from 0. */
export function eventPath(index: number, kind: LedgerEvent['kind']): string {
  return `events/${index}-${kind}.json`;
}

/** A record, an event or a hook's run as the bytes that git keeps: two-space JSON with a final newline. */
export function serialize(record: ExperimentRecord | LedgerEvent | HookRun): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Parses one experiment's record; throws zod's error when it is not one. */
export function parseExperiment(text: string): ExperimentRecord {
  return experimentRecordSchema.parse(JSON.parse(text));
}

/** Parses one event; throws zod's error when it is not one. */
export function parseEvent(text: string): LedgerEvent {
  return ledgerEventSchema.parse(JSON.parse(text));
}

/** Parses one run of a hook; throws zod's error when it is not one. */
export function parseHookRun(text: string): HookRun {
  return hookRunSchema.parse(JSON.parse(text));
}
