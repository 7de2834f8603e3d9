import { currentUpdateInfo, setHandler, type CancellationScope } from '@temporalio/workflow';
import type { z } from 'zod';
import { extendBudget } from '../src/domain/budget.ts';
import { editOfDiff } from '../src/domain/diff-edit.ts';
import { editablePaths } from '../src/domain/task.ts';
import type { Edit } from '../src/domain/experiment.ts';
import { InvalidInput, parse } from '../src/domain/invalid-input.ts';
import { bestReport } from '../src/domain/best-report.ts';
import { hasClaim } from './audit.ts';
import { registerHint } from './hints.ts';
import * as messages from './messages.ts';
import type { SessionState } from './state.ts';
import { statusOf, statusReport } from './status.ts';

/** What `stop` takes. */
interface Stop {
  readonly now?: boolean | undefined;
}

/**
 * Registers every query, update and signal. Handlers only set fields of the state; the main line acts on them.
 * Validators are synchronous: an async one would accept everything.
 */
export function registerHandlers(state: SessionState, search: CancellationScope, changed: () => void): void {
  const acknowledge = (): messages.Acknowledged => {
    changed();
    return { status: statusOf(state), budget: state.budget };
  };
  /** Does an update once, also when its sender tries it again on the run after. */
  const once = (act: () => void): messages.Acknowledged => {
    const id = currentUpdateInfo()?.id ?? '';
    if (!state.seenUpdates.includes(id)) act();
    state.seenUpdates.push(id);
    return acknowledge();
  };
  /** What blocks lets go a moment later, which is what its sender wants to know. */
  const stopped = (answer: messages.Acknowledged): messages.Acknowledged =>
    answer.status === 'blocked' && !state.blocks.some(({ holds }) => holds)
      ? { ...answer, status: 'stopping' }
      : answer;
  const pause = (): void => void (state.paused = true);
  const resume = (): void => {
    state.paused = false;
    state.blocks = [];
  };
  const stop = (options: Stop = {}): void => {
    state.stop = options.now === true ? 'now' : 'after this experiment';
    if (state.stop === 'now') search.cancel();
  };

  registerQueries(state);
  setHandler(messages.pauseUpdate, () => once(pause), {
    description: 'Pause after the running experiment',
  });
  setHandler(messages.resumeUpdate, () => once(resume), { description: 'Go on after a pause or a block' });
  setHandler(messages.stopUpdate, (options?: Stop) => stopped(once(() => stop(options))), {
    validator: (options?: Stop) => void parse(messages.stopSchema, options ?? {}, 'stop'),
    description: 'End the session after the running experiment; {"now": true} ends it at once',
  });
  registerWishes(state, once);
  registerYesAndNo(state, once);
  registerPin(state, once);
  setHandler(messages.extendUpdate, (more) => once(() => void (state.budget = extendBudget(state.budget, more))), {
    validator: (options: unknown) => void parse(messages.extendSchema, options ?? {}, 'extend'),
    description: 'Add to the budget, {"experiments": 20}',
  });
  setHandler(messages.auditUpdate, () => once(() => void (state.auditAsked = true)), {
    validator: (_options?: object) => needClaim(state),
    description: 'Measure the claim again after the running experiment, with fresh seeds and on sealed data',
  });
  setHandler(messages.reviewUpdate, (review) => once(() => void (state.reviews = [...state.reviews, review])), {
    validator: (options: unknown) => void parse(messages.reviewSchema, options ?? {}, 'review'),
    description: 'Decide of an experiment in quarantine, {"experiment": 12, "decision": "accepted"} or "rejected"',
  });
  registerSignals({ pause, resume, stop, changed });
}

/** They are carried from run to run, and a run's input may not be large. */
const MOST_PATCHES = 8;

function needEditable({ contract }: SessionState, edit: readonly Edit[]): void {
  if (contract === null) return;
  const editable = editablePaths(contract);
  const other = edit.find(({ file }) => !editable.includes(file));
  if (other === undefined) return;
  throw new InvalidInput(`Expected the diff to change ${editable.join(', ')}, got ${other.file}.`);
}

/** What people want tried. */
function registerWishes(state: SessionState, once: (act: () => void) => messages.Acknowledged): void {
  registerHint(state, once);
  const patch = ({ diff, hypothesis = 'an edit by hand' }: z.input<typeof messages.patchSchema>): void => {
    const id = currentUpdateInfo()?.id ?? '';
    state.patches = [...state.patches, { id, edit: editOfDiff(diff), hypothesis }];
  };
  setHandler(messages.patchUpdate, (options) => once(() => patch(options)), {
    validator: (options: unknown) => {
      const { diff } = parse(messages.patchSchema, options ?? {}, 'patch');
      needEditable(state, editOfDiff(diff));
      if (state.patches.length >= MOST_PATCHES)
        throw new InvalidInput(`Expected at most ${MOST_PATCHES} edits to wait, got one more; send it later.`);
    },
    description: 'Try an edit of yours, a unified diff, {"diff": "…", "hypothesis": "why"}',
  });
}

/** From where people want it to go on. */
function registerPin(state: SessionState, once: (act: () => void) => messages.Acknowledged): void {
  setHandler(messages.pinUpdate, ({ experiment }) => once(() => void (state.pin = experiment)), {
    validator: (options: unknown) => {
      const { experiment } = parse(messages.pinSchema, options ?? {}, 'pin');
      if (experiment < state.nextExperiment) return;
      throw new InvalidInput(
        `Expected an experiment that there was (the last is ${state.nextExperiment - 1}), or 0 for the baseline, got ${experiment}.`,
      );
    },
    description: 'Go on from the candidate of an experiment, {"experiment": 12}; 0 is the baseline',
  });
}

/** What people want tried, and what they do not. */
function registerYesAndNo(state: SessionState, once: (act: () => void) => messages.Acknowledged): void {
  registerVeto(state, once);
  registerApproval(state, once);
}

/** What people do not want tried. */
function registerVeto(state: SessionState, once: (act: () => void) => messages.Acknowledged): void {
  const veto = (experiment: number): void => {
    state.vetoed = [...state.vetoed.filter((one) => one !== experiment), experiment];
    for (const one of state.trying) if (one.experiment === experiment) one.end();
  };
  setHandler(messages.vetoUpdate, ({ experiment }) => once(() => veto(experiment)), {
    validator: (options: unknown) => {
      const { experiment } = parse(messages.vetoSchema, options ?? {}, 'veto');
      const asked = state.asking === null ? [] : [state.asking];
      const known = [...state.trying, ...asked, ...state.waiting].map((one) => one.experiment);
      if (known.includes(experiment)) return;
      const there = known.length === 0 ? 'there is none' : `that is ${known.join(' and ')}`;
      throw new InvalidInput(`Expected an experiment that is being tried or waits (${there}), got ${experiment}.`);
    },
    description: 'Drop an experiment that is being tried or waits, {"experiment": 12}',
  });
}

/** What people want tried, where they asked to be asked. */
function registerApproval(state: SessionState, once: (act: () => void) => messages.Acknowledged): void {
  const approve = (experiment: number): void => void (state.approved = [...state.approved, experiment]);
  setHandler(messages.approveUpdate, ({ experiment }) => once(() => approve(experiment)), {
    validator: (options: unknown) => {
      const { experiment } = parse(messages.approveSchema, options ?? {}, 'approve');
      if (state.input.approve !== true)
        throw new InvalidInput('Expected a session that was started with `approve`, got one that asks nobody.');
      const known = [state.asking?.experiment, ...state.waiting.map((one) => one.experiment)];
      if (known.includes(experiment)) return;
      const there = known.filter((one) => one !== undefined).join(' and ') || 'none';
      throw new InvalidInput(`Expected an experiment that waits for a yes (${there}), got ${experiment}.`);
    },
    description: 'Say yes to an experiment that waits for it, {"experiment": 12}; veto is the no',
  });
}

interface Steering {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: (options?: Stop) => void;
  readonly changed: () => void;
}

function registerSignals({ pause, resume, stop, changed }: Steering): void {
  const description = 'The same as the update of this name, without an answer';
  setHandler(messages.pauseSignal, () => (pause(), changed()), { description });
  setHandler(messages.resumeSignal, () => (resume(), changed()), { description });
  setHandler(messages.stopSignal, (options?: Stop) => (stop(options), changed()), { description });
}

function needClaim(state: SessionState): void {
  if (!hasClaim(state)) throw new InvalidInput('Expected a gain over the baseline to audit, got none yet.');
}

function registerQueries(state: SessionState): void {
  setHandler(messages.bestQuery, () => bestReport(statusReport(state)), {
    description: 'The best commit so far: the shape that scripts rely on',
  });
  setHandler(messages.statusQuery, () => statusReport(state), {
    description: 'Everything about the session at this moment',
  });
  const last = (options?: { limit?: number | undefined }) => {
    const { limit = 50 } = parse(messages.limitSchema, options ?? {}, 'experiments');
    return state.last.slice(-limit);
  };
  setHandler(messages.experimentsQuery, last, { description: 'The last experiments, {"limit": 10}' });
}
