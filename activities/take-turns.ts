// The proposer `hybrid`: whose turn it is, written down before anybody is asked, so that a second run of the activity
// takes the same and pays for no answer that nobody uses. A model that cannot be asked leaves its turn to the search, and
// what was paid for until then stands with what the search proposes.
import type { Kind, ModelWork } from '../src/domain/model-work.ts';
import { shortHash } from '../src/domain/names.ts';
import type { Proposed } from '../src/domain/proposed.ts';
import type { Models } from '../src/models.ts';
import { chooseKind, chooseSide, turnOf } from '../src/proposer/hybrid.ts';
import { ModelDown, ModelRefused } from '../src/proposer/model/ask-anthropic.ts';
import { kindWanted } from '../src/proposer/model/kinds.ts';
import { keptTurn, type KeptTurn } from '../src/proposer/model/kept-turn.ts';
import { isDown, mayAsk, noteAnswer, noteFailure, outageWords, readOutage } from '../src/proposer/model/outage.ts';
import type { Proposal } from '../src/proposer/proposer.ts';
import { createRandomNumbers } from '../src/proposer/random-numbers.ts';
import { workKept, type Asked } from './ask-model.ts';
import type { ProposeInput } from './contract.ts';
import { askModel, type AskContext } from './prompting.ts';
import { crashFor } from './repairing.ts';

/** An edit, and who wrote it; or why there is none. */
type Made = (Asked & { readonly by: 'anthropic' }) | (Proposal & { readonly by: 'search'; readonly work?: ModelWork });

/** Has the one whose turn it is propose; the other where that one has nothing. */
export async function proposeInTurn(
  context: AskContext,
  search: () => Promise<Proposal>,
): Promise<Made | Extract<Proposed, { kind: 'down' }>> {
  const { input, models } = context;
  const { contract, experiment, base } = input;
  const key = { session: contract.session, experiment, base };
  const turn = await keptTurn(models.proposals, key, () => turnFor(context));
  const asked = turn.side === 'model' ? await answerOf(context, turn.kind) : null;
  if (asked !== null) return { ...asked, by: 'anthropic' };
  const found = await search();
  if (found.kind === 'proposal') {
    const work = workKept(models, input, 'search');
    return { ...found, by: 'search', ...(work !== undefined && { work }) };
  }
  const instead = turn.side === 'model' ? null : await answerOf(context, turn.kind);
  if (instead !== null) return { ...instead, by: 'anthropic' };
  const outage = readOutage(models.proposals, contract.session);
  return { kind: 'down', reason: outage?.reason ?? found.reason };
}

/** That the model is down, for people; nothing where it is not, or nobody asks one by turns. */
export function modelDownIn(models: Models, { contract, proposer }: ProposeInput): { readonly modelDown?: string } {
  if (proposer !== 'hybrid') return {};
  const modelDown = outageWords(readOutage(models.proposals, contract.session));
  return modelDown === null ? {} : { modelDown };
}

async function turnFor(context: AskContext): Promise<KeptTurn> {
  const { input, ledger, models } = context;
  const { contract, experiment } = input;
  const random = createRandomNumbers(Number.parseInt(shortHash(`${contract.seeds.join()}/${experiment}/turn`), 16));
  const turns = (ledger?.experiments ?? []).flatMap((record) => turnOf(record) ?? []);
  const outage = readOutage(models.proposals, contract.session);
  // One that is down is asked as soon as it may be: only so is it known when it is up.
  const isDue = isDown(outage) && mayAsk(outage, Date.now());
  const chosen = chooseSide(turns, random);
  const kind = kindWanted(ledger?.experiments ?? [], experiment) ?? chooseKind(turns, random);
  // Whoever crashed mends that first.
  if (isDue || (await crashFor(context, 'model')) !== undefined) return { side: 'model', kind };
  return { side: (await crashFor(context, 'search')) === undefined ? chosen : 'search', kind };
}

/** The model's answer; null where it cannot be asked, or fails: then nobody waits for it. */
async function answerOf(context: AskContext, wanted: Kind): Promise<Asked | null> {
  const { proposals } = context.models;
  const { session } = context.input.contract;
  if (!mayAsk(readOutage(proposals, session), Date.now())) return null;
  try {
    const asked = await askModel(context, wanted);
    noteAnswer(proposals, session);
    return asked;
  } catch (error) {
    if (!(error instanceof ModelDown) && !(error instanceof ModelRefused)) throw error;
    const afterMs = error instanceof ModelDown ? error.retryAfterMs : undefined;
    noteFailure(proposals, session, { reason: error.message, afterMs }, Date.now());
    return null;
  }
}
