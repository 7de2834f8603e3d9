// Worlds that can be set back to what they were, and processes that die at a given moment: what it takes to kill an
// activity at every write.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect } from 'vitest';
import { prepareStateDirectory, stateDirectory } from '../../src/config.ts';
import { collect } from '../../src/git/collect.ts';
import { git, gitEnvironment } from '../../src/git/git.ts';
import { homeClonePath } from '../../src/git/home-clone.ts';
import { listFiles } from '../../src/git/tree.ts';
import { allRefs, newFolder, newRepo, type Files } from '../git/sandbox.ts';
import { createVerbs, type Verb, type World } from './twice-verbs.ts';

/** A repo of these files and an empty state directory. */
export async function newWorld(files: Files): Promise<World> {
  const home = join(await newFolder(), 'state');
  prepareStateDirectory(stateDirectory({ AUTORESEARCH_HOME: home }));
  return { home, repo: await newRepo(files) };
}

/** The home clone of a world's repo. */
export const cloneOf = ({ home, repo }: World): string => homeClonePath({ repos: join(home, 'repos'), origin: repo });

/** All that must be equal after a kill and a second run: refs here and at the origin, the ledgers, no lock, no damage. */
async function lookAt(world: World) {
  const clone = cloneOf(world);
  const refs = await allRefs(clone);
  const ledgers = refs.split('\n').flatMap((line) => /^(\S+\/ledger) /.exec(line)?.[1] ?? []);
  const inClone = await readdir(clone, { recursive: true });
  return {
    refs: refs.split('\n'),
    origin: (await allRefs(world.repo)).split('\n'),
    ledgers: await Promise.all(ledgers.map((ref) => listFiles(clone, ref))),
    locks: inClone.filter((name) => name.endsWith('.lock')),
    damage: await git(clone, ['fsck', '--connectivity-only', '--no-dangling']),
  };
}

/** A verb, what it is asked, and the world before it. */
export interface Scene {
  readonly world: World;
  readonly verb: Verb;
  readonly input: unknown;
  /** Leaves out of an answer what may differ until somebody has read it. */
  readonly same?: (answer: unknown) => unknown;
}

/** A program that runs one verb and dies at the moment it is told, counted from 1; `NEVER` lets it live. */
export async function createMortal() {
  const here = await newFolder();
  const fixtures = fileURLToPath(new URL('../fixtures/mortal/', import.meta.url));
  for (const name of ['git', 'moment.sh', 'reference-transaction']) await cp(join(fixtures, name), join(here, name));
  const gate = fileURLToPath(new URL('../../src/proposer/gate/', import.meta.url));
  const python = (await readdir(gate)).filter((name) => name.endsWith('.py'));
  for (const name of python) await cp(join(gate, name), join(here, name)); // found beside the program, which is one file
  // What `open` looks for around itself: the clone of this project, which holds the bundled task.
  await writeFile(join(here, 'package.json'), '{}');
  await mkdir(join(here, '.git'));
  const program = join(here, 'verb.mjs');
  await bundle(join(fixtures, 'verb.ts'), program);

  const start = () =>
    spawn(process.execPath, [program], {
      env: { ...process.env, PATH: `${here}:${process.env['PATH']}` },
      detached: true, // a process group of its own, which dies as a whole
    });
  let next = start(); // loads while something else is looked at
  afterAll(() => next.kill());

  /** Its answer, undefined when it was killed; and all moments that it came to. */
  const run = async ({ world, verb, input }: Scene, fatal: number) => {
    const child = next;
    if (child.exitCode !== null)
      throw new Error(`Expected a program that waits to be told, got exit ${child.exitCode}.`);
    next = start();
    const files = { now: '0', fatal: String(fatal), leader: String(child.pid) };
    for (const [name, line] of Object.entries({ ...files, log: '' })) {
      await writeFile(join(here, name), line === '' ? '' : `${line}\n`);
    }
    child.stdin.end(JSON.stringify({ world, verb, input }));
    const ended = once(child, 'exit');
    const [answer, words] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code, signal] = await ended;
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`Expected ${verb} to end or be killed, got: ${words}`);
    const moments = (await readFile(join(here, 'log'), 'utf8')).trim().split('\n');
    return { answer: signal === null ? (JSON.parse(answer) as unknown) : undefined, moments };
  };
  return { run };
}

/** One file, because it is started more than a hundred times. */
async function bundle(source: string, outfile: string): Promise<void> {
  const js =
    "import { createRequire as requireFromHere } from 'node:module'; const require = requireFromHere(import.meta.url);";
  const how = { bundle: true, platform: 'node', format: 'esm', banner: { js }, logLevel: 'warning' } as const;
  await build({ entryPoints: [source], outfile, ...how });
}

const copy = (from: string, to: string) => collect('cp', ['-R', '-p', from, to], { env: gitEnvironment() });

type Mortal = Awaited<ReturnType<typeof createMortal>>;
/** A moment that does not come. */
export const NEVER = 0;

/**
 * Runs a verb undisturbed, twice, and then once for each of its moments: killed there, and run again. Every time the
 * answer and the world must be those of the undisturbed run. Returns the moments.
 */
export async function killEverywhere(mortal: Mortal, scene: Scene): Promise<readonly string[]> {
  const { world, verb, input, same = (answer) => answer } = scene;
  const before = await newFolder();
  const folders = [world.home, world.repo];
  const kept = folders.map((_, index) => join(before, String(index)));
  const reset = async (): Promise<void> => {
    for (const [index, folder] of folders.entries()) {
      await rm(folder, { recursive: true });
      await copy(kept[index] ?? '', folder);
    }
  };
  const again = async (): Promise<unknown> => {
    const run = createVerbs(world)[verb] as (asked: unknown) => Promise<unknown>;
    return same((await run(input)) ?? null);
  };

  for (const [index, folder] of folders.entries()) await copy(folder, kept[index] ?? '');
  const calm = await mortal.run(scene, NEVER);
  const answer = same(calm.answer);
  const end = await lookAt(world);
  expect({ answer: await again(), ...(await lookAt(world)) }).toEqual({ answer, ...end });

  for (let fatal = 1; fatal <= calm.moments.length; fatal++) {
    await reset();
    const killed = await mortal.run(scene, fatal);
    const moment = killed.moments.at(-1);
    expect({ moment, answer: killed.answer }).toEqual({ moment: calm.moments[fatal - 1], answer: undefined });
    expect.soft({ moment, answer: await again(), ...(await lookAt(world)) }).toEqual({ moment, answer, ...end });
  }
  return calm.moments;
}
