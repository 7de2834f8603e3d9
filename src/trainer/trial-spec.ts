// What passes through a trial's directory as JSON: the order (spec), who works on it (pid) and how it ended (exit).
// Every process that reads these files parses them here; none trusts what it finds on disk.
import { z } from 'zod';
import { EXIT_REASONS, SANDBOXES } from '../domain/experiment.ts';
import { machineRecordSchema } from '../domain/machine.ts';
import { allowanceSchema } from './allowance.ts';

/** `spec.json`: one training, as the supervisor runs it. Times in seconds. */
export const trialSpecSchema = z.strictObject({
  /** `<session>/<experiment>/<trial>` */
  id: z.string().min(1),
  /** What is trained; absent from orders of older versions. */
  commit: z.string().optional(),
  /** Run by `bash -c`. */
  command: z.string().min(1),
  /** Relative to the tree. */
  cwd: z.string(),
  /** What `bash -c` is given to, see sandbox.ts; empty: it runs plainly. */
  shield: z.array(z.string()).default([]),
  /** What that is. */
  sandbox: z.enum(SANDBOXES).default('none'),
  /** What it may take; absent from orders of older versions. */
  allowance: allowanceSchema.optional(),
  env: z.record(z.string(), z.string()),
  /** What the command takes from its supervisor's own environment, by name: keys, which must not stand in a file. */
  inherit: z.array(z.string()).default([]),
  seconds: z.number().min(0),
  startupSeconds: z.number().min(0),
  stallSeconds: z.number().positive(),
  /** Between TERM and KILL. */
  graceSeconds: z.number().min(0).default(10),
  device: z.string(),
  /** The UUID of the device when it is a GPU. */
  gpu: z.string().optional(),
  /** Absent: what runs needs no device. */
  deviceLock: z.string().optional(),
  /** What `train.log` may grow to; a flood keeps its head and its tail. */
  maxLogBytes: z.int().min(1024).default(20_000_000),
});
/** A training as it is ordered. */
export type TrialSpec = z.output<typeof trialSpecSchema>;

/** `exit.json`, written last: how a training ended. */
export const exitSchema = z.object({
  trial: z.string(),
  reason: z.enum(EXIT_REASONS),
  code: z.int().nullable(),
  signal: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string(),
  /** Wall clock of the command, from its start to its end, TERM and grace included. */
  seconds: z.number(),
  /** What the command wrote, whether or not it was kept. */
  logBytes: z.number(),
  /** How many processes outlived the command and had to be killed. */
  leftovers: z.int(),
  peakRssMb: z.number().optional(),
  /** What the supervisor saw of the machine meanwhile; absent from ends of older versions. */
  machine: machineRecordSchema.optional(),
  peakVramMb: z.number().optional(),
  /** The kernel killed some process of this machine for want of memory meanwhile. */
  oomKilled: z.literal(true).optional(),
  /** What the command ran in; absent from ends of older versions. */
  sandbox: z.enum(SANDBOXES).optional(),
  /** What it left, see output-hash.ts; absent from ends of older versions. */
  output: z.string().optional(),
  /** The signal came from within the sandbox: from the command itself, or from the kernel. */
  ownSignal: z.literal(true).optional(),
});
/** How a training ended. */
export type Exit = z.output<typeof exitSchema>;

const identitySchema = z.object({ pid: z.int().positive(), startTime: z.string(), bootId: z.string() });

/** `pid.json`: whose hands the trial is in. `child` is null until the command runs. */
export const pidNoteSchema = z.object({
  trial: z.string(),
  supervisor: identitySchema,
  child: identitySchema.nullable(),
});
/** Whose hands a trial is in. */
export type PidNote = z.output<typeof pidNoteSchema>;

/** `progress.json`: what the supervisor last saw; a hint, never a result. */
export const progressNoteSchema = z.object({
  phase: z.enum(['waiting', 'training', 'ending']),
  step: z.number().nullable(),
  of: z.number().nullable(),
  value: z.number().nullable(),
  /** Milliseconds since the epoch; null until the command runs. */
  startedAt: z.number().nullable(),
  pid: z.int().nullable(),
});
/** What the supervisor last saw. */
export type ProgressNote = z.output<typeof progressNoteSchema>;

/** Beside a device's lock: who had it last, and the environment entries that mark the processes of that trial. */
export const deviceNoteSchema = z.object({
  trial: z.string(),
  supervisor: identitySchema,
  markers: z.array(z.string()).min(1),
});
/** Where that note stands. */
export const deviceNotePath = (deviceLock: string): string => `${deviceLock}.json`;

/**
 * Which fields of two orders differ in a way that makes them different trainings.
 * PATH and the like may change with the shell that a worker is started from, and the device with the worker: they do not count.
 */
export function differences(asked: TrialSpec, found: TrialSpec): string[] {
  const fields = ['id', 'command', 'cwd', 'seconds', 'startupSeconds', 'stallSeconds'] as const;
  const ours = new Set(
    [...Object.keys(asked.env), ...Object.keys(found.env)].filter((key) => key.startsWith('AUTORESEARCH_')),
  );
  return [
    ...fields.filter((field) => asked[field] !== found[field]),
    ...[...ours].filter((key) => asked.env[key] !== found.env[key]),
  ];
}

/** The end of a trial that was stopped before its command ran. */
export function neverStarted(trial: string): Exit {
  const now = new Date().toISOString();
  return {
    trial,
    reason: 'stopped',
    code: null,
    signal: null,
    startedAt: now,
    endedAt: now,
    seconds: 0,
    logBytes: 0,
    leftovers: 0,
  };
}
