// Why a session's numbers say less than they look like, whatever is known of them otherwise: one sentence for each reason.
import { RULE_VERSION } from './decide.ts';
import type { ExperimentRecord } from './experiment.ts';
import type { SessionView } from './report.ts';

/** A record of rules that this program does not know yet; undefined where there is none. */
export const unknownRuleIn = (
  records: readonly ExperimentRecord[],
): { readonly experiment: number; readonly version: number } | undefined =>
  records.flatMap(({ experiment, ruleVersion: version = RULE_VERSION }) =>
    version > RULE_VERSION ? [{ experiment, version }] : [],
  )[0];

/** Said where such a record cannot be used; `what` is what a newer program would do with it. */
export const refusalOf = (
  { experiment, version }: NonNullable<ReturnType<typeof unknownRuleIn>>,
  what: string,
): string =>
  `Expected records judged by rules of version ${RULE_VERSION} or older, got version ${version} at experiment ${experiment}; upgrade autoresearch to ${what}.`;

/** What a person should bear in mind beside a session's numbers; empty where that is nothing. */
export function cautionsOf({
  rule,
  counts,
  unknownRule,
}: Pick<SessionView, 'rule' | 'counts' | 'unknownRule'>): string[] {
  return [
    ...(rule === 'greedy' && counts.kept > 0
      ? ['gains under `greedy` are unreplicated: one trial each, and often luck']
      : []),
    ...(unknownRule === undefined
      ? []
      : [
          `experiment ${unknownRule.experiment} was judged by rules of version ${unknownRule.version}, newer than this program’s: best and gain are what the rules of version ${RULE_VERSION} make of it; upgrade autoresearch`,
        ]),
  ];
}
