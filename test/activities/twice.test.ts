// Every git verb ends the same however often it is run and wherever it is killed: same answer, same refs, same ledger.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommitInput, Contract } from '../../activities/contract.ts';
import type { Proposed } from '../../src/domain/proposed.ts';
import { createPusher } from '../../activities/push.ts';
import type { LedgerEvent } from '../../src/domain/ledger.ts';
import { candidateRef, keptRef, ledgerRef } from '../../src/domain/names.ts';
import { git } from '../../src/git/git.ts';
import { commitOf } from '../../src/git/home-clone.ts';
import { pushesToDo } from '../../src/git/to-push.ts';
import { commitFiles } from '../git/sandbox.ts';
import { until } from '../support/until.ts';
import { createVerbs, type World } from './twice-verbs.ts';
import { cloneOf, createMortal, killEverywhere, NEVER, newWorld, type Scene } from './twice-world.ts';
import { taskFile } from './workshop.ts';

const AT = '2026-11-23T20:00:00.000Z';
const LATER = '2026-11-23T20:01:00.000Z';
const files = { 'train.py': 'LEARNING_RATE = 0.1\nMOMENTUM = 0.5\n', 'autoresearch.yaml': taskFile('true') };
const mortal = await createMortal();

const baseline = (contract: Contract): LedgerEvent => ({
  version: 1,
  kind: 'baseline',
  at: AT,
  commit: contract.base,
  trials: [],
});

const end = { version: 1, kind: 'end', at: LATER, status: 'done', reason: 'r' } as const;

/** An opened session with its baseline recorded. */
async function opened(session = 'night', world?: World) {
  const where = world ?? (await newWorld(files));
  const verbs = createVerbs(where);
  const contract = await verbs.open({ session, input: { seed: 1 }, at: AT });
  await verbs.record({ contract, index: 1, event: baseline(contract) });
  return { world: where, contract, ...verbs };
}
type Opened = Awaited<ReturnType<typeof opened>>;

const asked = (contract: Contract, experiment: number, base = contract.base, rebase = false) =>
  ({ contract, experiment, base, proposer: 'search', rebase, at: AT }) as const;

function candidateOf(proposed: Proposed): string {
  if (proposed.kind !== 'proposal') throw new Error(`Expected a proposal, got ${JSON.stringify(proposed)}.`);
  return proposed.candidate;
}

/** The key of the seeds is random; until an answer has arrived nobody has seen one. */
const exceptSeeds = (answer: unknown) => ({ ...(answer as Contract), seeds: [] });

/** A session that waits to learn the end of its first experiment. */
async function tried(verdict: 'keep' | 'discard') {
  const session = await opened();
  const { contract, propose } = session;
  const candidate = candidateOf(await propose(asked(contract, 1)));
  return { ...session, candidate, input: ending(session, 1, candidate, verdict) };
}

function ending({ contract }: Opened, experiment: number, candidate: string, verdict: 'keep' | 'discard'): CommitInput {
  const incumbent = { commit: contract.base, value: 1.1 };
  const measured = { trials: [], value: 1, gain: 0.1, noise: null, incumbent, rule: 'greedy' };
  const said = { experiment, verdict, reason: 'r', hypothesis: '', base: contract.base, candidate };
  return { contract, tip: contract.base, record: { ...said, ...measured, startedAt: AT, endedAt: LATER } };
}

/** A session that has kept its first experiment, and what takes that back. */
async function keptOne() {
  const session = await tried('keep');
  const { contract, candidate, commit, input } = session;
  await commit(input);
  const back = { contract, tip: candidate, target: contract.base, message: 'Back to the baseline\n', at: LATER };
  return { ...session, back };
}

/** A session that is about to record its end. */
async function atTheEnd(): Promise<Scene> {
  const { world, contract } = await tried('discard');
  return { world, verb: 'record', input: { contract, index: 2, event: end } };
}

// More than a hundred processes: generous, because a machine may be busy.
describe('killed at every write and run again', { timeout: 300_000 }, () => {
  it('opens one session, with the home clone made on the way', async () => {
    const world = await newWorld(files);
    const input = { session: 'night', input: {}, at: AT };
    const moments = await killEverywhere(mortal, { world, verb: 'open', input, same: exceptSeeds });
    expect(moments).toContain('before rename repo.git.making');
    expect(moments).toContain('git update-ref moved 1 of 2');
    expect(moments).toContain('before link night.*');
  });

  it('opens one session where the home clone follows an origin that went on', async () => {
    const world = await newWorld(files);
    await git(world.repo, ['branch', 'soon-gone']);
    await opened('earlier', world);
    await git(world.repo, ['branch', '-D', 'soon-gone']);
    await commitFiles(world.repo, { 'more.txt': 'more' });
    const foreign = await opened('foreign', { ...(await newWorld({})), repo: world.repo });
    const candidate = candidateOf(await foreign.propose(asked(foreign.contract, 1)));
    await foreign.commit(ending(foreign, 1, candidate, 'keep'));
    await foreign.record({ contract: foreign.contract, index: 2, event: end });
    const input = { session: 'night', input: { seed: 1 }, at: AT };
    const moments = await killEverywhere(mortal, { world, verb: 'open', input });
    expect(moments.filter((moment) => moment === 'git holds the locks of refs').length).toBeGreaterThan(6);
    const refs = await git(cloneOf(world), ['for-each-ref', '--format=%(refname)']);
    expect(refs).toContain(keptRef('foreign'));
    expect(refs).toContain(candidateRef('foreign', 1));
  });

  it('proposes one candidate, and brings it to the origin where device workers fetch it', async () => {
    const { world, contract } = await opened();
    const moments = await killEverywhere(mortal, { world, verb: 'propose', input: asked(contract, 1) });
    expect(moments).toContain('before git push');
  });

  it('proposes a waiting edit once more on another base', async () => {
    const session = await opened();
    const { world, contract, propose, commit } = session;
    const candidate = candidateOf(await propose(asked(contract, 1)));
    await propose(asked(contract, 2));
    await commit(ending(session, 1, candidate, 'keep'));
    const input = asked(contract, 2, candidate, true);
    const moments = await killEverywhere(mortal, { world, verb: 'propose', input });
    expect(moments).toContain('git push has sent some');
  });

  it('keeps a candidate, its own ref included', async () => {
    const { world, input } = await tried('keep');
    await git(cloneOf(world), ['update-ref', '-d', candidateRef(input.contract.tag, 1)]);
    const moments = await killEverywhere(mortal, { world, verb: 'commit', input });
    expect(moments).toContain('git update-ref moved 2 of 3');
  });

  it('discards a candidate', async () => {
    const { world, input } = await tried('discard');
    const moments = await killEverywhere(mortal, { world, verb: 'revert', input });
    expect(moments).toContain('git fast-import has half of its input');
  });

  it('makes the commit that sets the line back', async () => {
    const { world, back } = await keptOne();
    const moments = await killEverywhere(mortal, { world, verb: 'restore', input: back });
    expect(moments).toContain('git fast-import has half of its input');
  });

  it('sets the line back', async () => {
    const { world, contract, back, restore } = await keptOne();
    const { commit } = await restore(back);
    const restores = { commit: contract.base, experiment: 0 };
    const move = {
      version: 1,
      kind: 'moved',
      at: LATER,
      from: back.tip,
      to: commit,
      after: 1,
      trials: [],
      restores,
    } as const;
    const input = { contract, index: 2, event: { ...move, trials: [] } };
    const moments = await killEverywhere(mortal, { world, verb: 'record', input });
    expect(moments).toContain('git update-ref moved 1 of 2');
  });

  it('records a baseline', async () => {
    const world = await newWorld(files);
    const contract = await createVerbs(world).open({ session: 'night', input: { seed: 1 }, at: AT });
    const input = { contract, index: 1, event: baseline(contract) };
    const moments = await killEverywhere(mortal, { world, verb: 'record', input });
    expect(moments).toContain('git holds the locks of refs');
  });

  it('records the end and brings everything to the origin', async () => {
    const moments = await killEverywhere(mortal, await atTheEnd());
    expect(moments).toContain('git push has sent some');
  });
});

it('leaves a push that was killed to the next worker, also when its verb is not run again', async () => {
  const { moments } = await mortal.run(await atTheEnd(), NEVER);
  const scene = await atTheEnd();
  await mortal.run(scene, moments.indexOf('git push has sent some') + 1);
  const { home, repo } = scene.world;
  const ledgers = () => Promise.all([repo, cloneOf(scene.world)].map((place) => commitOf(place, ledgerRef('night'))));
  const landed = async () => new Set(await ledgers()).size === 1;
  expect(await landed()).toBe(false);
  const repos = join(home, 'repos');
  createPusher(() => {}).pushLeft(repos);
  await until(landed);
  await until(() => pushesToDo(repos, () => {}).length === 0);
});
