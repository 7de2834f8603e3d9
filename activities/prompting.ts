// What a model is told of a session: from the ledger, the incumbent's files, and what the last failures printed.
import { Context } from '@temporalio/activity';
import type { Edit, ExperimentRecord } from '../src/domain/experiment.ts';
import { hookTrouble, type HookRun } from '../src/domain/hook.ts';
import type { Kind } from '../src/domain/model-work.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import { editablePaths, inRepo } from '../src/domain/task.ts';
import { readCandidate } from '../src/git/candidate.ts';
import { readImported } from '../src/git/imported.ts';
import { readFiles } from '../src/git/tree.ts';
import type { Models } from '../src/models.ts';
import { keptWish } from '../src/proposer/agent/kept-wish.ts';
import { ModelDown, ModelRefused } from '../src/proposer/model/ask-anthropic.ts';
import { drySpellOf, isPlateau, kindWanted } from '../src/proposer/model/kinds.ts';
import { hearsayOf } from '../src/proposer/model/hearsay.ts';
import { tryOf } from '../src/proposer/model/outcome.ts';
import type { PromptRequest } from '../src/proposer/model/prompt-request.ts';
import { logEnd } from '../src/trainer/last-words.ts';
import { trialDirectory } from '../src/trainer/trial-directory.ts';
import type { AdmitContext } from './admit.ts';
import { askAgent, placeOf } from './ask-agent.ts';
import { askForEdit, type Asked, type TriedIdea } from './ask-model.ts';
import type { Contract } from './contract.ts';
import { crashFor } from './repairing.ts';
import { blocked } from './failures.ts';

/** Where a model may be asked. */
export type AskContext = AdmitContext & {
  readonly models: Models;
  /** What the task's hooks have to say. */
  readonly notes?: readonly HookRun[];
};

/** Asks a model for the next edit; nobody else proposes, so whoever is down is waited for. */
export async function askForIdea(context: AskContext): Promise<Asked | Down> {
  try {
    const { ledger, input } = context;
    return await askModel(context, kindWanted(ledger?.experiments ?? [], input.experiment));
  } catch (error) {
    if (error instanceof ModelRefused) throw blocked(`${sentence(error.message)} ${error.remedy}`);
    if (!(error instanceof ModelDown)) throw error;
    const { message: reason, retryAfterMs } = error;
    // The workflow waits, so that a person can stop it meanwhile.
    return { kind: 'down', reason, ...(retryAfterMs !== undefined && { afterMs: retryAfterMs }) };
  }
}

/** Asks a model for an edit, of the kind wanted if there is one; throws as `askForEdit` does. */
export async function askModel(context: AskContext, wanted?: Kind): Promise<Asked> {
  const { input, models } = context;
  const { contract, base, choice = {}, left } = input;
  const crashed = await crashFor(context, 'model');
  const prompt = { ...(await promptFor(context)), ...wish(context, wanted, crashed) };
  const signal = Context.current().cancellationSignal;
  const tried = ideasBeside(context, crashed, wanted);
  return askForEdit(models, { session: contract.session, base, choice, prompt, tried, left, signal });
}

/**
 * What has a verdict, as a model is told of it; what the world spoiled may be tried once more. Nothing where an idea is
 * to be tried again: that may be like what was tried.
 */
function ideasBeside({ ledger }: AskContext, crashed: ExperimentRecord | undefined, wanted?: Kind): TriedIdea[] {
  if (crashed !== undefined || wanted === 'reproduce') return [];
  const settled = (ledger?.experiments ?? []).filter(
    ({ verdict }) => verdict !== 'dropped' && verdict !== 'failed' && verdict !== 'undecided',
  );
  return settled.map((record) => ({ ...tryOf(record), hypothesis: record.hypothesis, edit: record.edit }));
}

/** A crash of its own goes before any kind of idea. */
function wish({ input, models }: AskContext, wanted: Kind | undefined, crashed: ExperimentRecord | undefined) {
  if (crashed === undefined) return { wanted };
  const { session } = input.contract;
  const { hypothesis } = crashed;
  return { repair: { ...failureOf(crashed, session, models.trials), hypothesis, diff: diffOf(crashed) } };
}

/** Has a coding agent make the next edit; a crash of its own goes first. */
export async function askAgentForIdea(context: AskContext): Promise<Asked | Down> {
  const { clone, input, ledger, models } = context;
  const records = ledger?.experiments ?? [];
  const { repairs, kind } = await keptWish(placeOf(models, input), async () => {
    const crash = await crashFor(context, 'agent');
    return crash === undefined ? { kind: kindWanted(records, input.experiment) } : { repairs: crash.experiment };
  });
  const crashed = records.find(({ experiment }) => experiment === repairs);
  const prompt = { ...(await promptFor(context)), ...wish(context, kind, crashed) };
  return askAgent(models, { clone, input, prompt, crashed, tried: ideasBeside(context, crashed, kind) });
}

/** Nobody can be asked now. */
type Down = Extract<Proposed, { kind: 'down' }>;

/** Letters of one text; a list of ideas grows all night, and is paid for with every prompt. */
const MOST_OF_INSTRUCTIONS = 20_000;
const FAILURES = 3;
const NEAR_MISSES = 5;

async function promptFor({ clone, input, ledger, flying, models, notes = [] }: AskContext): Promise<PromptRequest> {
  const { contract, experiment, base, hints = [] } = input;
  const { task } = contract;
  const records = ledger?.experiments ?? [];
  const [files, instructions, imported, waiting] = await Promise.all([
    readFiles(clone, base, editablePaths(contract)),
    instructionsOf(clone, contract),
    readImported(clone),
    Promise.all(flying.map(({ commit }) => readCandidate(clone, commit))),
  ]);
  const crashes = records.filter(({ verdict }) => verdict === 'crash').slice(-FAILURES);
  return {
    experiment,
    instructions,
    metric: task.metric,
    trialSeconds: input.trialSeconds ?? task.train.seconds,
    conditions: conditionsOf(task),
    files,
    hearsay: hearsayOf(imported.map(({ log }) => log)),
    history: records.map(tryOf),
    inFlight: flying.map(({ experiment: number }, k) => ({
      experiment: number,
      hypothesis: waiting[k]?.hypothesis ?? '',
    })),
    nearMisses: records
      .filter(({ nearMiss }) => nearMiss === true)
      .slice(-NEAR_MISSES)
      .map((record) => ({ experiment: record.experiment, diff: diffOf(record) })),
    failures: crashes.map((record) => failureOf(record, contract.session, models.trials)),
    notes: notes.flatMap((run) => noteOf(run) ?? []),
    hints,
    isUnmeasured: !(ledger?.events ?? []).some(({ kind }) => kind === 'baseline'),
    ...(isPlateau(records) && { drySpell: drySpellOf(records) }),
  };
}

/** What the task says in its own words; what stands in files is that of the session's base. */
async function instructionsOf(clone: string, { base, task, taskPath }: Contract): Promise<string> {
  const named = [task.instructions].flat().map((text) => text.trim());
  const paths = named.map((text) => (text.includes('\n') || text === '' ? '' : inRepo(taskPath, text)));
  const texts = await readFiles(
    clone,
    base,
    paths.filter((path) => path !== ''),
  );
  const parts = named.map((text, k) => {
    const file = texts[paths[k] ?? ''];
    const whole = file ?? text;
    const short = whole.length > MOST_OF_INSTRUCTIONS ? `${whole.slice(0, MOST_OF_INSTRUCTIONS)}\n[cut]` : whole;
    return file === undefined || named.length === 1 ? short : `In ${text}:\n${short}`;
  });
  return parts.join('\n\n');
}

/** What a hook printed, and whether it failed; null where it is silent and well. */
function noteOf(run: HookRun): NonNullable<PromptRequest['notes']>[number] | null {
  const trouble = hookTrouble(run);
  if (run.note.trim() === '' && trouble === null) return null;
  return { name: `${run.stage} experiment ${run.experiment}`, text: run.note, trouble };
}

function conditionsOf({
  checks,
  limits = {},
  metric: { least },
  target,
}: AdmitContext['input']['contract']['task']): string[] {
  return [
    ...(target === undefined ? [] : [`${target} must be reached in every training`, ENDS_ITSELF]),
    ...checks.map(({ name }) => `the check "${name}" must pass`),
    ...(least === undefined
      ? []
      : [
          `a gain of less than ${least}${typeof least === 'string' ? " of the best's value" : ''} is not kept, unless the code gets shorter`,
        ]),
    ...Object.entries(limits).map(
      ([name, most]) => `${name} may be at most ${most}${typeof most === 'string' ? ' what the baseline takes' : ''}`,
    ),
  ];
}

const ENDS_ITSELF =
  'a training ends itself, as soon as it has reached that; the seconds that it took from its start are the metric, and the time above is the most that it may take';

const inWords = (edit: Edit): string =>
  edit.op === 'set'
    ? `${edit.file}: ${edit.name} = ${edit.value}`
    : `${edit.file}: replace\n${edit.search}\nby\n${edit.replace}`;

const diffOf = ({ edit }: ExperimentRecord): string => edit.map(inWords).join('\n');

/** What it printed is there where this machine trained it. */
function failureOf(record: ExperimentRecord, session: string, trials: string): PromptRequest['failures'][number] {
  const { experiment, reason } = record;
  const trial = record.trials.at(-1)?.trial ?? 1;
  return { experiment, reason, log: logEnd(trialDirectory(trials, { session, experiment, trial }).log) };
}
