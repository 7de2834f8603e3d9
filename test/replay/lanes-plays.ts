// The plays of sessions with several lanes.
import { EventEmitter, once } from 'node:events';
import type { Activities } from '../../activities/contract.ts';
import { better, only, worse, type Play } from './play.ts';

/** Two experiments at once: what the second shows is better than a base that the first has replaced meanwhile. */
function overtaking(): Partial<Activities> {
  const gate = new EventEmitter();
  const kept = once(gate, 'kept');
  return {
    evaluate: async ({ experiment }) => {
      if (experiment === 2) await kept;
      return experiment === 3 ? worse(experiment) : better(experiment);
    },
    commit: async ({ tip }) => {
      gate.emit('kept');
      return { kind: 'committed', tip };
    },
  };
}

/** What lanes do to each other. */
export const LANES: Readonly<Record<string, Play>> = {
  lanes: { input: { ...only(4), parallel: 2, lookahead: 0 }, world: overtaking },
};
