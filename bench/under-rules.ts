// Sessions on byte-lm under `default` and under `greedy`, side by side: for each session seed one after the other.
import type { z } from 'zod';
import type { SessionInput } from '../src/domain/session.ts';
import type { Bench } from './part.ts';
import { createProduct, type Product } from './product.ts';
import type { Project } from './project.ts';

/** The rules that are compared. */
export const RULES = ['default', 'greedy'] as const;
/** One of them. */
export type ComparedRule = (typeof RULES)[number];

/** What to run, and how to read what a session came to. */
export interface Comparison<T> {
  readonly project: Project;
  readonly seeds: readonly number[];
  readonly experiments: number;
  /** Beside rule, seed and budget. */
  readonly inputFor: (rule: ComparedRule) => SessionInput;
  readonly schema: z.ZodType<T>;
  readonly read: (product: Product, session: string) => Promise<T>;
}

/** What each rule's sessions came to, in the order of the seeds; a piece for each session. */
export async function compareRules<T>(bench: Bench, comparison: Comparison<T>): Promise<Record<ComparedRule, T[]>> {
  const { project, seeds, experiments, inputFor, schema, read } = comparison;
  const { trialSeconds } = bench.options;
  const found: Record<ComparedRule, T[]> = { default: [], greedy: [] };
  let product: Product | undefined;
  try {
    for (const seed of seeds)
      for (const rule of RULES) {
        const key = `${rule}, session seed ${seed}, ${experiments} experiments of ${trialSeconds ?? 'the task’s'} s`;
        const value = await bench.piece(key, schema, async () => {
          product ??= await createProduct(project, bench.say);
          const session = `${rule}-${seed}`;
          const length = trialSeconds === undefined ? {} : { trialSeconds };
          await product.start(session, { rule, experiments, seed, ...inputFor(rule), ...length });
          const { ended } = product;
          await bench.during(`${session}: ${experiments} experiments`, () => ended(session));
          return await read(product, session);
        });
        found[rule].push(value);
      }
  } finally {
    await product?.close();
  }
  return found;
}
