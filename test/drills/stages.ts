// Strikes a session once at each stage of its life, whatever the order they come in.
import { Client, Connection } from '@temporalio/client';
import type { Product, SessionShape } from '../support/product.ts';
import { until } from '../support/until.ts';
import { numbering, repeatedTrials } from './aftermath.ts';
import { allBack, nameOf, strike, type Disaster } from './disasters.ts';

/** The stages of a session; an experiment's are those from `propose` to `revert`. */
export const STAGES = [
  'open',
  'calibrate',
  'record',
  'propose',
  'train',
  'evaluate',
  'commit',
  'revert',
  'close',
] as const;
export type Stage = (typeof STAGES)[number];

/** Has a keep and a discard among its first experiments. */
const SEED = '1';
const EXPERIMENTS = 5;
const STARTED = 2; // of PendingActivityState

/** What a column of the table cost; lists of names, all empty when all is well. */
export interface StageDamage {
  /** Stages that the session went through unseen. */
  readonly missed: readonly Stage[];
  readonly lost: readonly number[];
  readonly doubled: readonly number[];
  readonly repeated: readonly string[];
  readonly verify: string;
}

/** A client of the product's own server, which may go away and come back. */
export async function connect(product: Product): Promise<Client> {
  const { address } = JSON.parse((await product.run('up', '--json')).stdout) as { address: string };
  return new Client({ connection: await Connection.connect({ address }) });
}

/** The activities of a session that a worker has in hand right now. */
async function inHand(client: Client, session: string): Promise<string[]> {
  const described = await client.workflow
    .getHandle(session)
    .describe()
    .catch(() => null); // the server is away, or does not know it yet
  return (described?.raw.pendingActivities ?? [])
    .filter(({ state }) => Number(state) === STARTED)
    .map(({ activityType }) => activityType?.name ?? '');
}

/** Which stages those activities are, for a session of which `seen` has been seen: the first proposal comes after the baseline. */
function stagesOf(activities: readonly string[], seen: ReadonlySet<Stage>): Stage[] {
  const calibrated = seen.has('propose');
  return activities.map((name) => {
    if (name === 'record') return calibrated ? 'close' : 'record';
    if (name === 'train' || name === 'evaluate') return calibrated ? name : 'calibrate';
    return name as Stage;
  });
}

/** Resolves as soon as one of `wanted` is in hand, with it; with null when the session ended before. */
export async function nextStage(
  client: Client,
  session: string,
  wanted: ReadonlySet<Stage>,
  seen: Set<Stage>,
): Promise<Stage | null> {
  return until<{ stage: Stage | null }>(async () => {
    const stages = stagesOf(await inHand(client, session), seen);
    for (const stage of stages) seen.add(stage);
    const stage = stages.find((one) => wanted.has(one));
    if (stage !== undefined) return { stage };
    const { status } =
      (await client.workflow
        .getHandle(session)
        .describe()
        .catch(() => null)) ?? {};
    return status !== undefined && status.name !== 'RUNNING' && { stage: null };
  }).then(({ stage }) => stage);
}

/** Starts a session that goes through every stage; it calibrates for longer than a disaster takes. */
export async function begin(
  product: Product,
  session: string,
  { experiments = EXPERIMENTS, calibration = 3 }: Partial<SessionShape> = {},
): Promise<void> {
  await product.start(session, { experiments, calibration }, '--seed', SEED);
}

/** What strikes a session, and where. */
export interface Strikes {
  readonly session: string;
  /** What happens at which stage. */
  readonly disasters: ReadonlyMap<Stage, Disaster>;
  /** Enough to come through all those stages; absent: enough for every stage. */
  readonly shape?: SessionShape;
}

/** A session that is struck once at each of these stages. */
export async function strikeAtStages(
  product: Product,
  { session, disasters, shape }: Strikes,
  say: (text: string) => void,
): Promise<StageDamage> {
  const client = await connect(product);
  const [waiting, seen, ended] = [new Map(disasters), new Set<Stage>(), new Array<string>()];
  await begin(product, session, shape);
  for (;;) {
    const stage = await nextStage(client, session, new Set(waiting.keys()), seen);
    const disaster = stage && waiting.get(stage);
    if (stage === null || !disaster) break;
    waiting.delete(stage);
    ended.push(...(strike(product, disaster) ?? []));
    await allBack(product, session);
    say(`${session} · ${stage}: ${nameOf(disaster)}`);
    if (waiting.size === 0) await product.run('stop', session);
  }
  await client.connection.close();
  const records = await product.records(session);
  const verified = await product.run('verify', session);
  return {
    missed: [...waiting.keys()],
    ...numbering(records.map(({ experiment }) => experiment)),
    repeated: repeatedTrials(product, session, ended),
    verify: verified.exitCode === 0 ? '' : verified.stdout + verified.stderr,
  };
}
