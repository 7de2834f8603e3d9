import type { Crash } from './crash.ts';
import type { Trial } from './experiment.ts';

/** What scoring said: a value, or why the candidate has none. */
export type Scored =
  | {
      readonly kind: 'value';
      /** Of the metric; its log ratio to the baseline's where that is scored beside it; of the target's metric where there is one: how soon it was reached, `train` says. */
      readonly value: number;
      readonly metrics: Readonly<Record<string, number>>;
      readonly tier: Trial['tier'];
      /** By document, where a scorer of sealed data tells. */
      readonly documents?: [number, number][];
      /** Which of the task's checks failed, in one sentence; such a candidate is never kept. */
      readonly failedCheck?: string;
      /** What it scored was written to after its training had ended. */
      readonly outputChanged?: true;
    }
  | { readonly kind: 'none'; readonly failure: string; readonly crash?: Crash };
