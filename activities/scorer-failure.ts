// Why a scorer gave no number by a fault that is no candidate's, for the person who mends it: the session is blocked.
import { moduleAdvice } from '../src/domain/missing-module.ts';
import { inShort, MEND, sentence } from '../src/domain/sentence.ts';
import { passedWords, type Allowance } from '../src/trainer/allowance.ts';
import { lastWords } from '../src/trainer/last-words.ts';
import type { StepResult } from '../src/trainer/run-step.ts';
import type { EvaluateInput } from './contract.ts';
import { blocked } from './failures.ts';

/** A scorer that failed as often as it was run; `last` is its last run. */
export function scorerFailed(input: EvaluateInput, last: StepResult | undefined, allowance: Allowance) {
  const { task } = input.contract;
  const how =
    last?.timedOut === true
      ? `took longer than ${task.score?.seconds} s`
      : last?.passed === undefined
        ? `exited with ${last?.code ?? last?.signal ?? 'nothing'}`
        : passedWords(last.passed, allowance);
  const words = lastWords(last?.stderrTail ?? '') || 'it said nothing';
  const advice = moduleAdvice(last?.stderrTail ?? '', task);
  // Not by number: what is scored may be the incumbent again, while another is tried.
  const otherwise =
    input.experiment === 0
      ? ''
      : ' Without the experiment that is being tried it goes on after `npx autoresearch veto <n>`.';
  return blocked(
    `${scorerOf(input)} ${how} twice: ${sentence(advice === null ? words : `${words}; ${advice}`)} ${MEND}${otherwise}`,
  );
}

/** A scorer that ended well, and gave no number of the baseline. */
export const scorerSaidNothing = (input: EvaluateInput, reason: string) =>
  blocked(`${scorerOf(input)} ended well, but: ${sentence(reason)} ${MEND}`);

/** The scorer and what it was asked for: it may fail for one candidate, one seed or one set of data alone. */
function scorerOf({ contract, experiment, seed, split }: EvaluateInput): string {
  const whose = experiment === 0 ? 'the baseline' : `experiment ${experiment}`;
  const on = split === undefined ? '' : ` on ${split} data`;
  const told = seed === 'fresh' ? 'a fresh seed' : `seed ${seed}`;
  return `The scorer ${inShort(contract.task.score?.run ?? '')}, asked for ${whose} (${told})${on},`;
}
