// Is what a session claims there on data that it never saw? For each session seed a session on byte-lm under `default` and
// one under `greedy`, and what the audit at the end of each finds: eight fresh trials of the baseline and of the best, on
// sealed data.
import { z } from 'zod';
import { told, type Part, type Row } from './part.ts';
import type { Product } from './product.ts';
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
  sealed: z.number(),
  /** Standard errors between the two, that of the documents included. */
  z: z.number(),
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
    return RULES.flatMap((rule) =>
      rowsOf(
        rule,
        claims[rule].flatMap((claim) => claim ?? []),
        seeds.length,
      ),
    );
  },
};

/** Null where the session kept nothing: there is no claim then. */
async function readClaim(product: Product, session: string): Promise<Claim | null> {
  const { experiments: records, events } = await product.ledger(session);
  // The first at the end: one that fails takes the claim back, and is followed by another.
  const audited = events.find((event) => event.kind === 'audit' && (event.moment ?? 'end') === 'end');
  if (audited?.kind !== 'audit') return null;
  if (audited.gain === null || audited.z === null) throw new Error(`${session}: every trial of the audit crashed.`);
  const kept = records.filter(({ verdict }) => verdict === 'keep').length;
  return { kept, claimed: audited.claimed, sealed: audited.gain, z: audited.z };
}

function rowsOf(rule: ComparedRule, claims: readonly Claim[], seeds: number): Row[] {
  if (claims.length === 0) return [];
  const held = claims.filter((claim) => Math.abs(claim.z) <= WITHIN_ERRORS).length;
  const isWhole = seeds >= SEEDS.length;
  const over = mean(claims.map(({ claimed, sealed }) => claimed - sealed));
  return [
    {
      number: `byte-lm under \`${rule}\`: claims within ${WITHIN_ERRORS} standard errors of the sealed gain`,
      measured: `${held} of ${claims.length}`,
      bound: rule === 'default' ? '8 of 10' : '',
      ok: rule === 'default' && isWhole ? held >= SHARE_BOUND * claims.length : null,
    },
    told(
      `  claimed, sealed, kept: means (\`${rule}\`)`,
      `${mean(claims.map(({ claimed }) => claimed)).toFixed(3)}, ${mean(claims.map(({ sealed }) => sealed)).toFixed(3)} (${over.toFixed(3)} claimed too much), ${mean(claims.map(({ kept }) => kept)).toFixed(1)}`,
    ),
  ];
}
