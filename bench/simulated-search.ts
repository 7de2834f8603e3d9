// Proposers on simulated tasks, where the true score is known: many sessions in a minute, no noise in the verdict.
import { z } from 'zod';
import { percent } from './figures.ts';
import type { Part, Row } from './part.ts';
import { benchSearch } from './search.ts';
import { pText, signedRankP, SIGNIFICANT } from './statistics.ts';

const SURFACES = 40;

const rowsSchema = z.array(
  z.object({
    proposer: z.string(),
    experiments: z.number(),
    gainShare: z.number(),
    shares: z.array(z.number()).readonly(),
    aheadOfRandom: z.number(),
    millisecondsPerProposal: z.number(),
  }),
);

/** `search` against `random`, simulated. */
export const searchPart: Part = {
  name: 'search',
  about: 'proposer search against random proposals on simulated tasks',
  measure: async ({ piece, say }) => {
    const measured = await piece(`${SURFACES} surfaces`, rowsSchema, async () => {
      say(`sessions on ${SURFACES} simulated tasks; silent for about a minute …`);
      return benchSearch(SURFACES);
    });
    const shares = (experiments: number, proposer: string) =>
      measured.find((row) => row.experiments === experiments && row.proposer === proposer);
    return [...new Set(measured.map(({ experiments }) => experiments))].flatMap((experiments): Row[] => {
      const [search, random] = [shares(experiments, 'search'), shares(experiments, 'random')];
      if (search === undefined || random === undefined) return [];
      // Each surface is a pair: the same task and seed for both.
      const p = signedRankP(search.shares.map((share, surface) => share - (random.shares[surface] ?? 0)));
      const ahead = `ahead on ${Math.round(search.aheadOfRandom * SURFACES)} of ${SURFACES} tasks`;
      return [
        {
          number: `search at ${experiments} experiments, simulated: share of the attainable gain`,
          measured: `${percent(search.gainShare)}, ${ahead}, ${pText(p)}`,
          bound: `> ${percent(random.gainShare)} (random), p < ${SIGNIFICANT}`,
          ok: search.gainShare > random.gainShare && p < SIGNIFICANT,
        },
      ];
    });
  },
};
