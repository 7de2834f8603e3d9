import { z } from 'zod';
import { crashSchema } from './crash.ts';
import { machineRecordSchema } from './machine.ts';
import { modelWorkSchema } from './model-work.ts';
import { opinionSchema } from './opinion.ts';

/** Why a person's veto ends an experiment. */
export const VETOED = 'vetoed by a person';

/** How an experiment ended. */
export const VERDICTS = ['keep', 'discard', 'crash', 'quarantine', 'undecided', 'failed', 'dropped'] as const;
/** One of the seven verdicts. */
export type Verdict = (typeof VERDICTS)[number];

/**
 * How a trial's training ended. `exited` alone can score; the others are facts about the candidate, not errors. The last
 * three: it took more processes, memory or disk than a training may.
 */
export const EXIT_REASONS = ['exited', 'deadline', 'stalled', 'stopped', 'processes', 'memory', 'output'] as const;

/** What a candidate's code ran in. Only `bubblewrap` hides files; `unshare` takes the network and other processes away. */
export const SANDBOXES = ['bubblewrap', 'unshare', 'none'] as const;
/** One of the three. */
export type Sandbox = (typeof SANDBOXES)[number];

const finite = z.number();
const documents = z.array(z.tuple([finite, finite]));

/** One training and scoring of one commit with one seed. Times in seconds. */
export const trialSchema = z.object({
  trial: z.int().min(1),
  /** `repeat`: of the baseline's first seed, to see what the machine alone does. */
  role: z.enum(['baseline', 'repeat', 'candidate', 'incumbent', 'audit', 'scale', 'untrained']),
  commit: z.string(),
  seed: z.int(),
  /** The task's metric in its own orientation; null when the trial gave none. */
  value: finite.nullable(),
  /** Why there is no value, in one sentence. */
  failure: z.string().optional(),
  /** What went wrong and whose fault it is, beside `failure`; absent from records of older versions. */
  crash: crashSchema.optional(),
  /** Which of the task's checks failed or limits broke, or how far a candidate was from its target, in one sentence. */
  failedCheck: z.string().optional(),
  /** By how much it missed the task's target; absent where it reached it, and without one. */
  missed: finite.optional(),
  metrics: z.record(z.string(), finite),
  seconds: finite,
  budgetSeconds: finite,
  startedAt: z.string(),
  endedAt: z.string(),
  hostId: z.string(),
  device: z.string(),
  deviceClass: z.string(),
  dataHash: z.string(),
  tier: z.enum(['A', 'B']),
  /** Of an audit, where the scorer tells: for each document how many places were scored, and their scores' sum. */
  documents: documents.optional(),
  /** Of a baseline: its score on sealed data, with which audits on the way compare. */
  sealed: z.object({ value: finite, documents: documents.optional() }).optional(),
  /** The largest resident sizes of the training's processes, added up. */
  peakMemoryMb: finite.optional(),
  /** The most memory of the GPU that it was seen to have. */
  peakVramMb: finite.optional(),
  /** By its own account. */
  steps: finite.optional(),
  /** Its loss by its own account, where the task says which number that is; lower is better. */
  trainingLoss: finite.optional(),
  /** What it left was written to between its end and its scoring. */
  outputChanged: z.literal(true).optional(),
  /** Processes that outlived it and had to be killed. */
  leftovers: z.int().optional(),
  /** Of what it wrote, where it was told to write what it begins with. */
  outHash: z.string().optional(),
  /** Wall clock beyond the budget that it was told. */
  overrunSeconds: finite.optional(),
  /** What the machine offered. */
  environment: machineRecordSchema.optional(),
  /** Why it did not have the whole device, in one sentence. */
  disturbed: z.string().optional(),
  /** Runs of this trial that do not count, with the same seed, because the machine spoiled them. */
  earlier: z
    .array(
      z.object({
        trial: z.int().min(1),
        value: finite.nullable(),
        seconds: finite,
        reason: z.string(),
        fault: z.enum(['machine', 'disturbed']),
      }),
    )
    .optional(),
});
/** A trial as the ledger keeps it. */
export type Trial = z.output<typeof trialSchema>;
/** Facts about a training that the device knows. */
export type TrialFacts = Pick<
  Trial,
  'peakMemoryMb' | 'peakVramMb' | 'steps' | 'trainingLoss' | 'leftovers' | 'environment' | 'disturbed' | 'outHash'
>;

/** An edit as operations, so that it can be applied again to another base. `value` is a literal of the file's language. */
export const editSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('set'), file: z.string(), name: z.string(), value: z.string() }),
  z.object({ op: z.literal('replace'), file: z.string(), search: z.string(), replace: z.string() }),
]);
/** One operation of a proposal's edit. */
export type Edit = z.output<typeof editSchema>;

/** A trial of the same arm under an earlier number, which came to no verdict: it counts as the candidate's own. */
const pooledSchema = trialSchema.extend({ experiment: z.int().min(1) });
/** Such a trial. */
export type PooledTrial = z.output<typeof pooledSchema>;

/** What a candidate's trials added up to when it was judged; see assessment.ts. */
const assessmentSchema = z.object({
  better: finite,
  worthwhile: finite,
  gain: finite,
  low: finite,
  high: finite,
  noise: finite,
  degrees: finite,
});

/** The one record of an experiment. Values are in the metric's own orientation; `gain` is positive when better. */
export const experimentRecordSchema = z.object({
  version: z.literal(1),
  experiment: z.int().min(1),
  verdict: z.enum(VERDICTS),
  reason: z.string(),
  hypothesis: z.string(),
  proposer: z.string(),
  base: z.string(),
  candidate: z.string().nullable(),
  tree: z.string().nullable(),
  /** Equal for candidates that differ in comments, formatting or names alone; absent where nobody could tell. */
  arm: z.string().optional(),
  edit: z.array(editSchema),
  trials: z.array(trialSchema),
  /** In the order in which they were made, all before `trials`; absent: none. */
  pooled: z.array(pooledSchema).optional(),
  value: finite.nullable(),
  gain: finite.nullable(),
  /** Standard deviation of one trial across seeds, when the decision was made. */
  noise: finite.nullable(),
  incumbent: z.object({ commit: z.string(), value: finite.nullable() }),
  rule: z.string(),
  /** Absent in records from before rules had versions. */
  ruleVersion: z.int().optional(),
  /** Lines of code that the candidate adds; absent: 0. */
  netLines: z.int().optional(),
  assessment: assessmentSchema.optional(),
  /** Probably better, by too little to be kept: worth combining. */
  nearMiss: z.boolean().optional(),
  /** Starts without training, made before a keep: no trials of its score. */
  starts: z.array(trialSchema).optional(),
  /** The experiment in quarantine whose edit this is, tried once more because a person has accepted it. */
  accepted: z.int().min(1).optional(),
  /** The crashed experiment whose edit this is, mended. */
  repairs: z.int().min(1).optional(),
  /** The experiment whose edit this is, tried once more because the incumbent had moved when it would have been kept. */
  parent: z.int().min(1).optional(),
  /** Better than its base, which was the incumbent no longer: its edit goes on as an experiment that names it as parent. */
  overtaken: z.literal(true).optional(),
  /**
   * Where it overlapped with others: how many experiments had their verdict when it began, and its own place among the
   * verdicts, counted from 1. Absent: all before it, and its number.
   */
  order: z.object({ begun: z.int().min(0), decided: z.int().min(1) }).optional(),
  /** Where a model wrote the edit, or failed to. */
  work: modelWorkSchema.optional(),
  /** Where another model read it before it would be kept. */
  opinion: opinionSchema.optional(),
  startedAt: z.string(),
  endedAt: z.string(),
});
/** An experiment as the ledger keeps it. */
export type ExperimentRecord = z.output<typeof experimentRecordSchema>;

/** An experiment whose edit is to be tried once more on a newer incumbent; `accepted` as its record has it. */
export type Overtaken = Pick<ExperimentRecord, 'experiment' | 'accepted'>;

/** Every trial that a verdict was made of, those of earlier numbers of its arm first. */
export const trialsBehind = ({
  pooled = [],
  trials,
}: Pick<ExperimentRecord, 'pooled' | 'trials'>): readonly Trial[] => [...pooled, ...trials];

/** What is remembered of an experiment that was overtaken. */
export const overtakenBy = ({ experiment, accepted }: Overtaken): Overtaken => ({
  experiment,
  ...(accepted !== undefined && { accepted }),
});
