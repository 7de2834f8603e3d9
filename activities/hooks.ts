// Runs the hooks of a task that are due, on the control worker: those after a record when the next proposal is made, or
// at the session's end, so that no device waits for one; that before a proposal, before anybody is asked. Written to the
// ledger one by one. A worker that dies during a hook takes its run with it, and the next run of the activity runs it
// again; what is in the ledger never runs again.
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { dueHooks, type HookOrder, type HookRun } from '../src/domain/hook.ts';
import { endOf, type Ledger } from '../src/domain/ledger.ts';
import { folderName } from '../src/domain/names.ts';
import { taskFolder } from '../src/domain/task.ts';
import type { Agents } from '../src/agents.ts';
import { hookInput } from '../src/formats/hook-input.ts';
import { rowsOf } from '../src/formats/ledger-rows.ts';
import { writePi } from '../src/formats/pi.ts';
import { piOf } from '../src/formats/pi-ledger.ts';
import { piLogBeside } from '../src/formats/pi-project.ts';
import { checkoutTree } from '../src/git/checkout.ts';
import { appendHookRun } from '../src/git/hook-run.ts';
import { readLedger } from '../src/git/ledger.ts';
import { runHook } from '../src/proposer/run-hook.ts';
import { waitForLock } from '../src/trainer/file-lock.ts';
import type { Contract } from './contract.ts';
import { pulse } from './failures.ts';

/** Where hooks run, and for whom. */
export interface HookRequest {
  readonly agents: Agents;
  readonly clone: string;
  readonly contract: Contract;
  /** Whose checkout they run in: the best so far. */
  readonly commit: string;
  /** The experiment that is to be proposed; absent: the session is at its end. */
  readonly next?: number;
  /** ISO time from the workflow's clock. */
  readonly at: string;
}

/** Runs what is due; answers what the proposer of the next experiment is to be told, from earlier runs of this too. */
export async function runHooks(request: HookRequest): Promise<readonly HookRun[]> {
  const { contract, agents, clone, next } = request;
  if (contract.task.hooks === undefined) return [];
  const signal = Context.current().cancellationSignal;
  const folder = join(agents.proposals, folderName(contract.session), 'hooks');
  const lock = await waitForLock(join(folder, 'lock'), signal);
  if (lock === undefined) throw new CancelledFailure('The hooks of the task were waited for.');
  try {
    const ledger = await readLedger(clone, contract.tag);
    // Another run of this, whose worker was thought dead, may have ended the session meanwhile.
    if (ledger === undefined || endOf(ledger.events) !== undefined) return [];
    const ran = await runDue(request, ledger, folder, signal);
    return [...(ledger.hooks ?? []), ...ran].filter(({ told }) => next !== undefined && told === next);
  } finally {
    lock.release();
  }
}

async function runDue(request: HookRequest, ledger: Ledger, folder: string, signal: AbortSignal): Promise<HookRun[]> {
  const { contract, next } = request;
  const open = ledger.events.find((event) => event.kind === 'open');
  if (open === undefined) return [];
  const tried = rowsOf(ledger, open).flatMap(({ experiment }) => (experiment === 0 ? [] : [experiment]));
  const { hooks } = contract.task;
  const due = dueHooks({ hooks, ran: ledger.hooks ?? [], tried, ...(next !== undefined && { next }) });
  const ran: HookRun[] = [];
  for (const order of due) {
    pulse({ hook: order.stage, experiment: order.experiment });
    const soFar = { ...ledger, hooks: [...(ledger.hooks ?? []), ...ran] };
    const told: Told = {
      inputIn: (cwd) => hookInput(order, ledger, open, cwd),
      log: () => writePi(piOf(soFar, open)),
    };
    const run = await runOne(request, order, told, folder, signal);
    await appendHookRun({ clone: request.clone, tag: contract.tag, run });
    ran.push(run);
    if (run.timedOut && next === undefined) break; // at its end nobody waits for the next one that hangs
  }
  if (due.length > 0) pulse(undefined);
  return ran;
}

/** What a hook can know: its input, and the log that pi-autoresearch's own look into. */
interface Told {
  readonly inputIn: (cwd: string) => string;
  readonly log: () => string;
}

async function runOne(
  { agents, clone, contract, commit, next, at }: HookRequest,
  order: HookOrder,
  { inputIn, log }: Told,
  folder: string,
  signal: AbortSignal,
): Promise<HookRun> {
  const command = contract.task.hooks?.[order.stage] ?? '';
  const logPath = piLogBeside(command);
  const end = await runHook({
    folder,
    command,
    below: taskFolder(contract.taskPath),
    checkout: (tree) => checkoutTree({ clone, commit, folder: tree }),
    inputIn,
    ...(logPath !== undefined && { log: { path: logPath, text: log() } }),
    state: agents.root,
    workerEnv: agents.env,
    signal,
  });
  if (end === undefined) throw new CancelledFailure(`The hook ${order.stage} was ended.`);
  return { version: 1, ...order, ...(next !== undefined && { told: next }), at, ...end };
}
