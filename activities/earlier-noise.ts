// What earlier sessions of a task have seen of its noise, so that a new one need not begin without an idea of it.
import { sdOf } from '../src/domain/belief.ts';
import { courseOf } from '../src/domain/ledger-course.ts';
import type { Ledger } from '../src/domain/ledger.ts';
import type { MeasuredOn } from '../src/domain/measured-on.ts';
import { measureOf } from '../src/domain/report.ts';
import type { Task } from '../src/domain/task.ts';
import { GitError } from '../src/git/git.ts';
import { CorruptLedger, listSessions, readLedger } from '../src/git/ledger.ts';
import type { Contract } from './contract.ts';

/** Of the newest sessions in the clone: more say nothing new, and each takes a while to read. */
const LOOKED_AT = 5;

/** Which numbers a session's noise may be compared with. */
export interface NoiseQuestion {
  readonly clone: string;
  /** The session that asks. */
  readonly tag: string;
  readonly task: Task;
  readonly taskPath: string;
  /** Of one training. */
  readonly seconds: number;
}

/**
 * The noise of the newest earlier session for each device class, sd of one trial, and on which data it was: where those
 * are others by now, nobody can tell yet, and it is not used. Another task or budget is no help.
 */
export async function earlierNoise(question: NoiseQuestion): Promise<Pick<Contract, 'earlierNoise' | 'earlierData'>> {
  const found = new Map<string, Seen>();
  const sessions = (await listSessions(question.clone)).filter(
    ({ tag, commit }) => tag !== question.tag && commit !== null,
  );
  for (const { tag } of sessions.slice(0, LOOKED_AT)) {
    const ledger = await readLedger(question.clone, tag).catch((error: unknown) => {
      if (error instanceof CorruptLedger || error instanceof GitError) return undefined; // `verify` is there to say so
      throw error;
    });
    const seen = ledger && noiseOf(ledger, question);
    if (seen != null && !found.has(seen.deviceClass)) found.set(seen.deviceClass, seen);
  }
  const classes = [...found];
  return {
    earlierNoise: Object.fromEntries(classes.map(([name, { noise }]) => [name, noise])),
    earlierData: Object.fromEntries(classes.map(([name, { dataHash }]) => [name, dataHash])),
  };
}

type Seen = Pick<MeasuredOn, 'deviceClass' | 'dataHash'> & { readonly noise: number };

/** What is measured, and how. */
const measureIn = ({ metric: { name: metric }, target, score }: Task): string =>
  measureOf({ metric, target, paired: score?.paired });

function noiseOf(ledger: Ledger, { task, taskPath, seconds }: NoiseQuestion): Seen | null {
  const [open] = ledger.events;
  const baseline = ledger.events.findLast((event) => event.kind === 'baseline');
  if (open?.kind !== 'open' || open.taskPath !== taskPath) return null;
  if (measureIn(open.task) !== measureIn(task)) return null;
  const [trial] = baseline?.trials ?? [];
  const course = courseOf(ledger);
  const noise = course && sdOf(course.standing);
  if (trial === undefined || trial.budgetSeconds !== seconds || noise === null) return null;
  return { deviceClass: trial.deviceClass, dataHash: trial.dataHash, noise };
}
