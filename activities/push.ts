import { pushRefs } from '../src/git/push.ts';
import { forgetPush, pushesToDo, rememberPush, type ToPush } from '../src/git/to-push.ts';

/** A push that takes longer than this is given up and tried again. */
const PUSH_SECONDS = 60;
/** Pauses between tries while the origin is away. */
const RETRY_MS = [2_000, 10_000, 30_000, 60_000];
/** What an earlier worker left is pushed by so many at a time: the sessions that run now come first. */
const LEFT_AT_ONCE = 2;

/** Pushes of one control worker: at most one per session at a time, later ones merged into the next. */
export interface Pusher {
  /** Soon, in the background; tried again until it lands or a newer push takes its place. */
  readonly pushLater: (clone: string, what: ToPush) => void;
  /** Now, and waited for: at a session's end. Tried again in the background when it does not land. */
  readonly pushNow: (clone: string, what: ToPush) => Promise<void>;
  /** Soon, in the background: whatever earlier workers of these home clones did not bring to its origin. */
  readonly pushLeft: (repos: string) => void;
  readonly stop: () => void;
}

/** Creates a worker's pusher; `note` gets one sentence for each thing that did not go, when it first does not. */
export function createPusher(note: (text: string) => void): Pusher {
  const waiting = new Map<string, NodeJS.Timeout>();
  const turns = createTurns();
  const tell = createTeller(note);

  const attempt = async (clone: string, what: ToPush, tries: number): Promise<void> => {
    const key = keyOf(clone, what);
    waiting.delete(key);
    const notes = await turns.take(key, () => push(clone, what));
    tell(key, notes);
    if (waiting.has(key) || turns.isTaken(key)) return; // a newer one goes on from here
    if (notes.length === 0) forgetPush(clone, what.tag);
    else wait(clone, what, tries + 1);
  };
  const wait = (clone: string, what: ToPush, tries: number): void => {
    const key = keyOf(clone, what);
    clearTimeout(waiting.get(key));
    const delay = tries === 0 ? 0 : (RETRY_MS[tries - 1] ?? 60_000);
    waiting.set(key, setTimeout(() => inBackground(attempt(clone, what, tries)), delay).unref());
  };
  const inBackground = (work: Promise<void>): void => void work.catch((error: unknown) => note(String(error)));
  return {
    pushLater: (clone, what) => {
      if (what.push === 'none') return;
      rememberPush(clone, what);
      wait(clone, what, 0);
    },
    pushNow: async (clone, what) => {
      if (what.push === 'none') return;
      rememberPush(clone, what);
      clearTimeout(waiting.get(keyOf(clone, what)));
      await attempt(clone, what, 0);
    },
    pushLeft: (repos) => {
      const left = [...pushesToDo(repos, (path) => note(`Expected ${path} to name a push, got something else.`))];
      const oneByOne = async (): Promise<void> => {
        for (let next = left.shift(); next; next = left.shift()) await attempt(next.clone, next.what, 0);
      };
      for (let lane = 0; lane < LEFT_AT_ONCE; lane++) inBackground(oneByOne());
    },
    stop: () => {
      for (const timer of waiting.values()) clearTimeout(timer);
    },
  };
}

const keyOf = (clone: string, { tag }: ToPush): string => `${clone} ${tag}`;

/** What did not go. A bug of ours is said and tried again like everything else, because nobody waits for a push. */
async function push(clone: string, { origin, tag, push: what }: ToPush): Promise<readonly string[]> {
  try {
    const { notes } = await pushRefs({ clone, origin, tag, what, timeoutSeconds: PUSH_SECONDS });
    return notes;
  } catch (error) {
    return [String(error)];
  }
}

/** Lets works of one key run one after the other; they never reject. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return {
    isTaken: (key: string): boolean => last.has(key),
    take: async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
      const turn = (last.get(key) ?? Promise.resolve()).then(work);
      last.set(key, turn);
      const result = await turn;
      if (last.get(key) === turn) last.delete(key);
      return result;
    },
  };
}

/** Says the notes of a key when they are others than those said last: an origin may be away for a whole night. */
function createTeller(note: (text: string) => void): (key: string, notes: readonly string[]) => void {
  const said = new Map<string, string>();
  return (key, notes) => {
    if (notes.join() !== (said.get(key) ?? '')) for (const text of notes) note(text);
    said.set(key, notes.join());
  };
}
