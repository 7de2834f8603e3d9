// What a model is told of a session: from the ledger, the incumbent's files, and what the last failures printed.
import { Context } from '@temporalio/activity';
import type { Edit, ExperimentRecord } from '../src/domain/experiment.ts';
import type { Kind } from '../src/domain/model-work.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import { sentence } from '../src/domain/sentence.ts';
import { editablePaths, inRepo } from '../src/domain/task.ts';
import { readImported } from '../src/git/imported.ts';
import { readFiles } from '../src/git/tree.ts';
import type { Models } from '../src/models.ts';
import { ModelDown, ModelRefused } from '../src/proposer/model/ask-anthropic.ts';
import { drySpellOf, isPlateau, kindWanted } from '../src/proposer/model/kinds.ts';
import { hearsayOf } from '../src/proposer/model/hearsay.ts';
import { tryOf } from '../src/proposer/model/outcome.ts';
import type { PromptRequest } from '../src/proposer/model/prompt.ts';
import { logEnd } from '../src/trainer/last-words.ts';
import { trialDirectory } from '../src/trainer/trial-directory.ts';
import type { AdmitContext } from './admit.ts';
import { askAgent } from './ask-agent.ts';
import { askForEdit, type Asked, type TriedIdea } from './ask-model.ts';
import { crashFor } from './repairing.ts';
import { blocked } from './failures.ts';

/** Where a model may be asked. */
export type AskContext = AdmitContext & { readonly models: Models };

/** Asks a model for the next edit; nobody else proposes, so whoever is down is waited for. */
export async function askForIdea(context: AskContext): Promise<Asked | Down> {
  try {
    const { ledger, input } = context;
    return await askModel(context, kindWanted(ledger?.experiments ?? [], input.experiment));
  } catch (error) {
    if (error instanceof ModelRefused) throw blocked(`${sentence(error.message)} Mend that, then resume.`);
    if (!(error instanceof ModelDown)) throw error;
    const { message: reason, retryAfterMs } = error;
    // The workflow waits, so that a person can stop it meanwhile.
    return { kind: 'down', reason, ...(retryAfterMs !== undefined && { afterMs: retryAfterMs }) };
  }
}

/** Asks a model for an edit, of the kind wanted if there is one; throws as `askForEdit` does. */
export async function askModel(context: AskContext, wanted?: Kind): Promise<Asked> {
  const { input, models } = context;
  const { contract, base, choice = {} } = input;
  const crashed = await crashFor(context, 'model');
  const prompt = { ...(await promptFor(context, models.trials)), ...wish(context, wanted, crashed) };
  const signal = Context.current().cancellationSignal;
  // What is to be tried again may be like what was tried.
  const isRepeat = crashed !== undefined || wanted === 'reproduce';
  const tried = isRepeat ? [] : triedIdeas(context);
  return askForEdit(models, { session: contract.session, base, choice, prompt, tried, signal });
}

/** What has a verdict, as a model is told of it; what the world spoiled may be tried once more. */
function triedIdeas({ ledger }: AskContext): TriedIdea[] {
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

/** Has a coding agent make the next edit. */
export async function askAgentForIdea(context: AskContext): Promise<Asked | Down> {
  const { clone, input, models } = context;
  return askAgent(models, { clone, input, prompt: await promptFor(context, models.trials) });
}

/** Nobody can be asked now. */
type Down = Extract<Proposed, { kind: 'down' }>;

const FAILURES = 3;
const NEAR_MISSES = 5;

async function promptFor({ clone, input, ledger }: AdmitContext, trials: string): Promise<PromptRequest> {
  const { contract, experiment, base, hints = [] } = input;
  const { task, taskPath } = contract;
  const records = ledger?.experiments ?? [];
  // A file's name, or the text itself.
  const path = inRepo(taskPath, task.instructions.trim());
  const [files, texts, imported] = await Promise.all([
    readFiles(clone, base, editablePaths(contract)),
    readFiles(clone, contract.base, task.instructions.includes('\n') || task.instructions === '' ? [] : [path]),
    readImported(clone),
  ]);
  const crashes = records.filter(({ verdict }) => verdict === 'crash').slice(-FAILURES);
  return {
    experiment,
    instructions: texts[path] ?? task.instructions,
    metric: task.metric,
    trialSeconds: input.trialSeconds ?? task.train.seconds,
    conditions: conditionsOf(task),
    files,
    hearsay: hearsayOf(imported.map(({ log }) => log)),
    history: records.map(tryOf),
    nearMisses: records
      .filter(({ nearMiss }) => nearMiss === true)
      .slice(-NEAR_MISSES)
      .map((record) => ({ experiment: record.experiment, diff: diffOf(record) })),
    failures: crashes.map((record) => failureOf(record, contract.session, trials)),
    hints,
    ...(isPlateau(records) && { drySpell: drySpellOf(records) }),
  };
}

function conditionsOf({ checks, limits = {}, target }: AdmitContext['input']['contract']['task']): string[] {
  return [
    ...(target === undefined ? [] : [`${target} must be reached in every training`, ENDS_ITSELF]),
    ...checks.map(({ name }) => `the check "${name}" must pass`),
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
