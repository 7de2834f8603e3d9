// What each rule makes of nights whose truth is known: the table of README's chapter on keeps. And how long a verdict takes.
import { z } from 'zod';
import { DECISION, decisionMilliseconds } from './decision-time.ts';
import { percent } from './figures.ts';
import { main, meanNight, noOps, type NightRule } from './night.ts';
import { atMost, told, type Part, type Row } from './part.ts';

const NIGHTS = 2000;
const TRIALS = 100;
const RULES = ['greedy', 'fast', 'default', 'strict'] as const satisfies readonly NightRule[];

const meanSchema = z.object({
  keeps: z.number(),
  falseKeeps: z.number(),
  falseShare: z.number(),
  gain: z.number(),
  claimed: z.number(),
  overClaim: z.number(),
  candidates: z.number(),
});

/** Rules on simulated nights. */
export const nightsPart: Part = {
  name: 'nights',
  about:
    'what each verdict rule keeps in simulated nights, of good ideas and of useless ones; how long a verdict takes',
  measure: async ({ piece, say }) => {
    const milliseconds = await piece(DECISION, z.number(), async () => decisionMilliseconds(1));
    const rows: Row[] = [
      atMost(`one verdict: 95th percentile of ${DECISION}`, milliseconds, DECISION_BOUND_MS, (ms) => `${show(ms)} ms`),
    ];
    for (const rule of RULES) {
      say(`${rule}: two times ${NIGHTS} nights of ${TRIALS} trials; about ten seconds …`);
      const rich = await piece(`${rule}, main, ${NIGHTS}`, meanSchema, async () =>
        meanNight(rule, main, NIGHTS, TRIALS, 1),
      );
      const idle = await piece(`${rule}, no-ops, ${NIGHTS}`, meanSchema, async () =>
        meanNight(rule, noOps, NIGHTS, TRIALS, 1),
      );
      rows.push(
        told(`${rule}: false keeps of all keeps; true gain`, `${percent(rich.falseShare)}; ${rich.gain.toFixed(1)} s`),
        ...bounded(rule, 'claimed - true gain', Math.abs(rich.overClaim), rich.overClaim),
        ...bounded(rule, 'useless ideas: keeps a night', idle.falseKeeps, idle.falseKeeps),
        ...bounded(rule, 'useless ideas: gain claimed', idle.claimed, idle.claimed),
      );
    }
    return rows;
  },
};

/** Between two trials nothing waits for a verdict. */
const DECISION_BOUND_MS = 5;
const BOUND = 0.3;
const show = (value: number): string => value.toFixed(2);

/** The bounds are promises of `default` alone. */
function bounded(rule: NightRule, what: string, held: number, shown: number): Row[] {
  const name = `${rule}: ${what}`;
  return [rule === 'default' ? atMost(name, held, BOUND, show) : told(name, show(shown))];
}
