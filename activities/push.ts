import { pushRefs } from '../src/git/push.ts';
import type { Contract } from './contract.ts';

/** A push that takes longer than this is given up and tried again. */
const PUSH_SECONDS = 60;
/** Pauses between tries while the origin is away. */
const RETRY_MS = [2_000, 10_000, 30_000, 60_000];

/** Pushes of one control worker: at most one per session at a time, later ones merged into the next. */
export interface Pusher {
  /** Soon, in the background; tried again until it lands or a newer push takes its place. */
  readonly pushLater: (clone: string, contract: Contract) => void;
  /** Now, once, and waited for: at a session's end. */
  readonly pushNow: (clone: string, contract: Contract) => Promise<void>;
  readonly stop: () => void;
}

/** Creates a worker's pusher; `note` gets one sentence for each thing that did not go. */
export function createPusher(note: (text: string) => void): Pusher {
  const waiting = new Map<string, NodeJS.Timeout>();
  const running = new Map<string, Promise<unknown>>();

  const push = async (clone: string, contract: Contract): Promise<readonly string[]> => {
    const { origin, tag, push: what } = contract;
    const key = `${clone} ${tag}`;
    const before = running.get(key) ?? Promise.resolve();
    const work = before.then(async () => {
      const { notes } = await pushRefs({ clone, origin, tag, what, timeoutSeconds: PUSH_SECONDS });
      return notes;
    });
    const settled = work.catch(() => []); // the next in the row does not care how this one ended
    running.set(key, settled);
    try {
      const notes = await work;
      for (const text of notes) note(text);
      return notes;
    } finally {
      if (running.get(key) === settled) running.delete(key);
    }
  };
  const later = (clone: string, contract: Contract, tries: number): void => {
    const key = `${clone} ${contract.tag}`;
    clearTimeout(waiting.get(key));
    const attempt = async (): Promise<void> => {
      waiting.delete(key);
      const notes = await push(clone, contract).catch((error: unknown) => [String(error)]);
      if (notes.length > 0 && !waiting.has(key)) later(clone, contract, tries + 1);
    };
    const delay = tries === 0 ? 0 : (RETRY_MS[tries - 1] ?? 60_000);
    waiting.set(key, setTimeout(() => void attempt(), delay).unref());
  };
  return {
    pushLater: (clone, contract) => later(clone, contract, 0),
    pushNow: async (clone, contract) => {
      clearTimeout(waiting.get(`${clone} ${contract.tag}`));
      await push(clone, contract);
    },
    stop: () => {
      for (const timer of waiting.values()) clearTimeout(timer);
    },
  };
}
