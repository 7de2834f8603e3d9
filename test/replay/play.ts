// What a scripted session is made of: the moments at which a person acts, and the ways in which the world fails.
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities, Contract } from '../../activities/contract.ts';
import type { Scored } from '../../src/domain/scored.ts';
import type { SessionInput } from '../../src/domain/session.ts';
import type { researchSession } from '../../workflows/index.ts';
import { resumeUpdate, statusQuery, stopUpdate } from '../../workflows/messages.ts';
import { TRAINED } from '../support/fake-world.ts';
import { until } from '../support/until.ts';

/** The session that is being played. */
export type Session = WorkflowHandle<typeof researchSession>;

/** One scripted session. */
export interface Play {
  /** Left out: started with no argument, as from an empty box in the UI. */
  readonly input?: object;
  /** Activities that differ from the fake world's; there is a `session` as soon as one of them runs. */
  readonly world?: (session: () => Session, contract: (session: string) => Contract) => Partial<Activities>;
  /** What a person does meanwhile. */
  readonly person?: (session: Session) => Promise<unknown>;
}

/** The baseline's value; a lower one is kept. */
const BASE = 1;
export const worse = (experiment: number): Scored => scored(BASE + experiment);
export const better = (experiment: number): Scored => scored(BASE - experiment);
/** Likewise: any value. */
export const scored = (value: number): Scored => ({ kind: 'value', value, metrics: {}, tier: 'B' });

/** The input of a session of so many experiments, otherwise as short as can be. */
export const only = (experiments: number): SessionInput => ({
  experiments,
  calibration: 1,
  rule: 'greedy',
});

/** Does something while an experiment is scored; no candidate is kept. */
export const whileScoring =
  (number: number, act: (session: Session) => Promise<unknown>): NonNullable<Play['world']> =>
  (session) => ({
    evaluate: async ({ experiment }) => {
      if (experiment === number) await act(session());
      return worse(experiment);
    },
  });

/** Does something while an experiment trains, which goes on until a cancellation comes with a heartbeat. */
export const whileTraining =
  (number: number, act: (session: Session) => Promise<unknown>): NonNullable<Play['world']> =>
  (session) => ({
    train: async ({ experiment }) => {
      if (experiment !== number) return TRAINED;
      await act(session());
      for (;;) {
        Context.current().heartbeat({ hostId: 'host', device: 'cpu' });
        await Context.current().sleep('100ms');
      }
    },
  });

/** Gives the failure to the first caller, and nothing to those after it. */
export function once(failure: ApplicationFailure): () => void {
  let thrown = false;
  return () => {
    if (thrown) return;
    thrown = true;
    throw failure;
  };
}

/** What only a person can mend. */
export const blocked = (sentence: string): ApplicationFailure => ApplicationFailure.nonRetryable(sentence, 'Blocked');

/** The worker that trains experiment 1 ends; its last word is which host has the training. */
export const workerEnds =
  (hostId: string): NonNullable<Play['world']> =>
  () => {
    const details = [{ hostId, device: 'cpu' }];
    const ends = once(ApplicationFailure.create({ type: 'WorkerShutdown', message: 'bye', details }));
    return {
      train: async ({ experiment }) => {
        if (experiment === 1) ends();
        return TRAINED;
      },
    };
  };

/** Acts as soon as the session has this status. */
export const onceStatusIs =
  (status: string, act: (session: Session) => Promise<unknown>): NonNullable<Play['person']> =>
  async (session) => {
    await until(async () => (await session.query(statusQuery)).status === status);
    return act(session);
  };

/** What a person says. */
export const resume = (session: Session) => session.executeUpdate(resumeUpdate, { args: [{}] });
/** Likewise. */
export const stop = (session: Session) => session.executeUpdate(stopUpdate, { args: [{}] });

/** A person who mends and resumes whatever is blocked. */
export const resumeWhenBlocked = onceStatusIs('blocked', resume);
/** Trains the baseline, and nothing else. */
export const deviceFellOver = async ({ experiment }: { readonly experiment: number }) => {
  if (experiment > 0) throw ApplicationFailure.nonRetryable('the device fell over');
  return TRAINED;
};
