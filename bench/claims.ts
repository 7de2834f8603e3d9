// Is what a session claims there on data that it never saw? For each session seed a session on byte-lm under `default` and
// one under `greedy`, and what the audit at the end of each finds: eight fresh trials of the baseline and of the best, on
// sealed data. A session whose best is the baseline claims a gain of 0, of a commit over itself: that is right without a
// trial, counts as held, and the row says how many did so. One that claims more and has no audit has not held.
import { z } from 'zod';
import { told, type Part, type Row } from './part.ts';
import { askBest, type Product } from './product.ts';
import { mean } from './statistics.ts';
import { compareRules, RULES, type ComparedRule } from './under-rules.ts';

const EXPERIMENTS = 60;
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);
/** A claim so many standard errors away from what the audit finds is not what the session measured. */
const WITHIN_ERRORS = 2;
const SHARE_BOUND = 0.8;

const claimSchema = z.object({
  kept: z.number(),
  claimed: z.number(),
  /** Null where no audit came to an end. */
  sealed: z.number().nullable(),
  /** Standard errors between the two, that of the documents included. */
  z: z.number().nullable(),
});
type Claim = z.output<typeof claimSchema>;

/** What sessions on byte-lm claim, beside what sealed data and fresh seeds show. */
export const claimsPart: Part = {
  name: 'claims',
  about: 'claimed against sealed gain of 60 experiments on byte-lm, default and greedy, 10 session seeds; four hours',
  slow: true,
  measure: async (bench) => {
    const { seeds = SEEDS, experiments = EXPERIMENTS } = bench.options;
    const claims = await compareRules(bench, {
      project: 'byte-lm',
      seeds,
      experiments,
      // As a person has it; `greedy` has no audits of its own, so that one at the end is asked for.
      inputFor: (rule) => (rule === 'greedy' ? { audit: 'end' } : {}),
      schema: claimSchema.nullable(),
      read: readClaim,
    });
    return RULES.flatMap((rule) => rowsOf(rule, claims[rule]));
  },
};

/** Null where the baseline is the best: nothing is claimed then. */
async function readClaim(product: Product, session: string): Promise<Claim | null> {
  const { experiments: records, events } = await product.ledger(session);
  // The first at the end: one that fails takes the claim back, and is followed by another.
  const audited = events.find((event) => event.kind === 'audit' && (event.moment ?? 'end') === 'end');
  if (audited?.kind === 'audit' && (audited.gain === null || audited.z === null))
    throw new Error(`${session}: every trial of the audit crashed.`);
  const kept = records.filter(({ verdict }) => verdict === 'keep').length;
  if (audited?.kind === 'audit') return { kept, claimed: audited.claimed, sealed: audited.gain, z: audited.z };
  const { best, baseline, gain } = await askBest(product, session);
  return best.commit === baseline.commit ? null : { kept, claimed: gain.claimed, sealed: null, z: null };
}

/** Of sessions, one for each seed. */
export function rowsOf(rule: ComparedRule, sessions: readonly (Claim | null)[]): Row[] {
  const held = sessions.filter((claim) => claim === null || isHeld(claim)).length;
  const idle = sessions.filter((claim) => claim === null).length;
  const isWhole = sessions.length >= SEEDS.length;
  return [
    {
      number: `byte-lm under \`${rule}\`: sessions whose claim is within ${WITHIN_ERRORS} standard errors of the sealed gain`,
      measured: `${held} of ${sessions.length}${idle === 0 ? '' : ` (${idle} claimed nothing)`}`,
      bound: rule === 'default' ? '8 of 10' : '',
      ok: rule === 'default' && isWhole ? held >= SHARE_BOUND * sessions.length : null,
    },
    ...meansOf(
      rule,
      sessions.flatMap((claim) => claim ?? []),
    ),
  ];
}

const isHeld = ({ z: errors }: Claim): boolean => errors !== null && Math.abs(errors) <= WITHIN_ERRORS;

/** Of the claims that an audit came to. */
function meansOf(rule: ComparedRule, claims: readonly Claim[]): Row[] {
  const audited = claims.flatMap(({ sealed, ...claim }) => (sealed === null ? [] : { ...claim, sealed }));
  if (audited.length === 0) return [];
  const [claimed, sealed] = [mean(audited.map((one) => one.claimed)), mean(audited.map((one) => one.sealed))];
  const kept = mean(audited.map((one) => one.kept));
  const number = `  claimed, sealed, kept: means of ${audited.length} (\`${rule}\`)`;
  const over = (claimed - sealed).toFixed(3);
  return [told(number, `${claimed.toFixed(3)}, ${sealed.toFixed(3)} (${over} claimed too much), ${kept.toFixed(1)}`)];
}
