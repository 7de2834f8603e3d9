// One session at one moment, in all the shapes that views and feeds have it.
import { NO_WORK } from '../../src/domain/budget.ts';
import type { Beat, Progress } from '../../src/session-workflow.ts';
import type { Snapshot } from '../../src/cli/snapshot.ts';
import type { ExperimentRecord, Trial } from '../../src/domain/experiment.ts';
import type { Ledger, OpenEvent } from '../../src/domain/ledger.ts';
import type { ExperimentLine, RunningTrial, SessionView, StatusReport } from '../../src/domain/report.ts';
import { NO_COUNTS } from '../../src/domain/counts.ts';
import { taskSchema } from '../../src/domain/task.ts';

/** A moment in the tests' lives, on any machine's clock the same. */
export const NOW = new Date(2025, 10, 23, 20, 14, 30).getTime();
/** So many seconds before it, as ISO time. */
export const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

const BASE = '0'.repeat(40);
const BEST = '1a2b3c4'.padEnd(40, '0');

export const DISCARD: ExperimentLine = {
  experiment: 11,
  verdict: 'discard',
  value: 2.86,
  gain: -0.0088,
  trials: 1,
  hypothesis: 'WIDTH 128 -> 96',
  reason: 'worse',
};
export const KEEP: ExperimentLine = {
  ...DISCARD,
  experiment: 12,
  verdict: 'keep',
  value: 2.7911,
  gain: 0.0601,
  better: 0.9772,
  trials: 3,
  hypothesis: 'LEARNING_RATE 0.001 -> 0.0023',
};
export const CRASH: ExperimentLine = {
  ...DISCARD,
  experiment: 13,
  verdict: 'crash',
  value: null,
  gain: null,
  hypothesis: 'WIDTH 128 -> 9999',
  reason: 'training ran out of memory',
};
export const LINES = [DISCARD, KEEP, CRASH];

export const VIEW: SessionView = {
  session: 'byte-lm-nov23',
  status: 'running',
  reason: null,
  task: 'byte-lm',
  repo: '/home/me/repo',
  tag: 'byte-lm-nov23',
  branch: 'autoresearch/byte-lm-nov23',
  metric: 'val_bpb',
  direction: 'minimize',
  tier: 'A',
  rule: 'greedy',
  noise: 0.012,
  degrees: 6,
  baseline: { commit: BASE, experiment: 0, value: 2.8512, stderr: 0.007, trials: 3 },
  best: { commit: BEST, experiment: 12, value: 2.7911, stderr: 0.012, trials: 1 },
  counts: { ...NO_COUNTS, total: 13, kept: 1, discarded: 11, crashed: 1 },
  last: LINES,
};

export const RUNNING: RunningTrial = {
  experiment: 14,
  trial: 1,
  stage: 'train',
  seed: 77,
  hypothesis: 'BATCH_SIZE 64 -> 128',
  since: ago(3),
  seconds: 6,
};

export const LIVE: StatusReport = {
  ...VIEW,
  budget: { experiments: 100, hours: 8 },
  spent: { experiments: 13, hours: 2.25, gpuHours: 0.2, work: NO_WORK },
  running: RUNNING,
  waitingProposals: 1,
  hints: [],
};

export const BEAT: Beat = {
  hostId: 'host',
  device: 'cpu',
  phase: 'training',
  step: 1640,
  of: 5000,
  elapsedSeconds: 2,
};

export const TRAINING: Progress = {
  activity: 'train',
  attempt: 1,
  started: true,
  scheduledAt: ago(4),
  lastFailure: null,
  beat: BEAT,
};

export const SNAPSHOT: Snapshot = {
  session: VIEW.session,
  at: NOW,
  view: LIVE,
  live: LIVE,
  pending: [TRAINING],
  server: true,
  outcome: null,
  silence: null,
};

export const TRIAL: Trial = {
  trial: 1,
  role: 'candidate',
  commit: BEST,
  seed: 77,
  value: 2.7911,
  metrics: { val_bpb: 2.7911, peak_vram_mb: 2048 },
  seconds: 6.01,
  budgetSeconds: 6,
  startedAt: ago(60),
  endedAt: ago(54),
  hostId: 'host',
  device: 'cpu',
  deviceClass: 'cpu',
  dataHash: 'd',
  tier: 'A',
};

/** An experiment's record. */
export function record(n: number, more: Partial<ExperimentRecord> = {}): ExperimentRecord {
  return {
    version: 1,
    experiment: n,
    verdict: 'keep',
    reason: '0.0601 better than the incumbent in one trial (noise 0.012)',
    hypothesis: 'LEARNING_RATE 0.001 -> 0.0023',
    proposer: 'search',
    base: BASE,
    candidate: BEST,
    tree: '3'.repeat(40),
    edit: [{ op: 'set', file: 'train.py', name: 'LEARNING_RATE', value: '0.0023' }],
    trials: [TRIAL],
    value: 2.7911,
    gain: 0.0601,
    noise: 0.012,
    incumbent: { commit: BASE, value: 2.8512 },
    rule: 'greedy',
    startedAt: ago(60),
    endedAt: ago(53),
    ...more,
  };
}

const TASK = taskSchema.parse({
  name: 'byte-lm',
  editable: ['train.py'],
  train: { run: 'python train.py' },
  metric: { name: 'val_bpb' },
});

export const OPEN: OpenEvent = {
  version: 1,
  kind: 'open',
  session: VIEW.session,
  tag: VIEW.tag,
  at: ago(600),
  input: {},
  task: TASK,
  taskPath: 'autoresearch.yaml',
  base: BASE,
  contract: 'c',
};

/** A ledger with a baseline of two trials and these experiments. */
export function ledger(experiments: readonly ExperimentRecord[]): Ledger {
  const trials = [2.85, 2.8524].map((value, k) => ({ ...TRIAL, trial: k + 1, role: 'baseline' as const, value }));
  return { experiments, events: [OPEN, { version: 1, kind: 'baseline', at: ago(300), commit: BASE, trials }] };
}
