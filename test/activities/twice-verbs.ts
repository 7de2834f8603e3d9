// The five git verbs of a control worker without Temporal, so that a process can be only that: a verb that is killed.
import { createCommit } from '../../activities/commit.ts';
import { createOpen } from '../../activities/open.ts';
import { createPropose } from '../../activities/propose.ts';
import { createPusher } from '../../activities/push.ts';
import { createRecord } from '../../activities/record.ts';
import { createRestore } from '../../activities/restore.ts';
import { createRevert } from '../../activities/revert.ts';
import { stateDirectory } from '../../src/config.ts';
import { modelsIn } from '../../src/models.ts';
import { createReadCode } from '../../src/proposer/gate/read-code.ts';

/** Where a session lives: a state directory and the repo that it may open. */
export interface World {
  readonly home: string;
  readonly repo: string;
}

/** The verbs as the worker makes them, except that what it pushes in the background is not pushed. */
export function createVerbs({ home, repo }: World) {
  const state = stateDirectory({ AUTORESEARCH_HOME: home });
  const { repos } = state;
  const { pushNow } = createPusher(() => {});
  const readCode = createReadCode((text) => {
    throw new Error(text);
  });
  const models = modelsIn(state, {});
  const pushes = { repos, pushNow, pushLater: () => {}, agents: models.agents };
  return {
    open: createOpen({ ...pushes, models, state, homeId: 'host', startFolder: repo, searchAttributes: [] }),
    propose: createPropose({ repos, publish: (clone, { contract }) => pushNow(clone, contract), readCode, models }),
    commit: createCommit(pushes),
    revert: createRevert(pushes),
    restore: createRestore(pushes),
    record: createRecord(pushes),
  };
}

/** The name of a git verb. */
export type Verb = keyof ReturnType<typeof createVerbs>;
