// `hybrid` on simulated tasks: never much behind its best arm, whichever that is.
import { z } from 'zod';
import { percent } from './figures.ts';
import { benchHybrid } from './hybrid.ts';
import type { Part, Row } from './part.ts';

const SURFACES = 12;
/** A model whose ideas are random, one that is about as good as `search`, and one that is far better. */
const SKILLS = [1, 8, 30] as const;
/** What `hybrid` must reach of its best arm. */
const LEAST = 0.9;

const rowSchema = z.object({ skill: z.number(), search: z.number(), model: z.number(), hybrid: z.number() });

/** `hybrid` against `search` alone and a played model alone. */
export const hybridPart: Part = {
  name: 'hybrid',
  about: 'proposer hybrid against each of its arms alone on simulated tasks',
  measure: async ({ piece, say }) => {
    const rows = await piece(`${SURFACES} surfaces, models of skill ${SKILLS.join()}`, z.array(rowSchema), async () => {
      say(`sessions on ${SURFACES} simulated tasks; silent for about a minute …`);
      return benchHybrid(SURFACES, SKILLS);
    });
    return rows.map(({ skill, search, model, hybrid }): Row => {
      const best = Math.max(search, model);
      const ideas = `a model with the best of ${skill} ${skill === 1 ? 'idea' : 'ideas'}`;
      return {
        number: `hybrid at 60 experiments, simulated, ${ideas}: share of the attainable gain`,
        measured: `${percent(hybrid)} (search ${percent(search)}, model ${percent(model)})`,
        bound: `>= ${percent(LEAST * best)} (nine tenths of the best arm)`,
        ok: hybrid >= LEAST * best,
      };
    });
  },
};
