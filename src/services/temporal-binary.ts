// Finds the pinned Temporal command line on this machine, or gets it: PATH, the state directory, then each source.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { prepareStateDirectory, stateDirectory, type StateDirectory } from '../config.ts';
import { TEMPORAL_CLI_VERSION, temporalRelease } from './temporal-release.ts';
import { TEMPORAL_SOURCES, type Say, type TemporalSource } from './temporal-sources.ts';

const TICK_MS = 5_000; // how long a person may see nothing move

/** What the search for the command line may be told; every field has a default. */
export type BinaryOptions = {
  readonly say?: Say;
  readonly directory?: StateDirectory;
  readonly path?: string;
  readonly sources?: readonly TemporalSource[];
};

/** The path of the pinned command line where this machine has it already, else undefined. */
export async function findTemporalBinary(options: BinaryOptions = {}): Promise<string | undefined> {
  const { directory = stateDirectory(), path = process.env['PATH'] ?? '' } = options;
  const own = ownPath(directory);
  // Ours first: it was checked when it came, so nothing needs to be run to know its version.
  if (existsSync(own)) return own;
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, 'temporal');
    if (folder !== '' && existsSync(candidate) && (await hasPinnedVersion(candidate))) return candidate;
  }
  return undefined;
}

/**
 * The path of the pinned command line, fetched into the state directory when this machine lacks it.
 * Throws, saying all that was tried and what to do by hand, when no source can be reached.
 */
export async function getTemporalBinary(options: BinaryOptions = {}): Promise<string> {
  const { say = () => {}, directory = stateDirectory(), sources = TEMPORAL_SOURCES } = options;
  const found = await findTemporalBinary(options);
  if (found !== undefined) return found;
  prepareStateDirectory(directory);
  const tried: string[] = [];
  for (const source of sources) {
    say(`Getting the Temporal server ${TEMPORAL_CLI_VERSION} (45 MB) from ${source.name} …`);
    const startedAt = Date.now();
    const seconds = (): string => ((Date.now() - startedAt) / 1000).toFixed(0);
    const ticking = setInterval(() => say(`  … ${seconds()} s`), TICK_MS);
    try {
      await bringFrom(source, directory, say);
      say(`Got the Temporal server in ${seconds()} s.`);
      return ownPath(directory);
    } catch (error) {
      tried.push(`${source.name}: ${firstLine(error)}`);
      say(`  not from there: ${firstLine(error)}`);
    } finally {
      clearInterval(ticking);
    }
  }
  throw new Error(
    `Expected to get the Temporal command line ${TEMPORAL_CLI_VERSION} from one of ${sources.length} places, got:\n` +
      `${tried.map((line) => `  - ${line}`).join('\n')}\n` +
      `Put that version on your PATH or at ${ownPath(directory)}, or set TEMPORAL_ADDRESS to a server that runs already; then start again.`,
  );
}

function ownPath(directory: StateDirectory): string {
  return join(directory.server, `temporal-${TEMPORAL_CLI_VERSION}`);
}

async function hasPinnedVersion(candidate: string): Promise<boolean> {
  const { stdout } = await execa(candidate, ['--version'], { reject: false, timeout: 10_000 });
  return stdout?.startsWith(`temporal version ${TEMPORAL_CLI_VERSION} `) ?? false;
}

async function bringFrom(source: TemporalSource, directory: StateDirectory, say: Say): Promise<void> {
  const release = temporalRelease();
  const folder = join(directory.server, `.get-${process.pid}-${randomBytes(4).toString('hex')}`);
  mkdirSync(folder);
  try {
    const brought = await source.bring(release, folder, say);
    const sha256 = await hashOf(brought);
    if (sha256 !== release.binarySha256)
      throw new Error(`expected an executable with sha256 ${release.binarySha256}, got ${sha256}`);
    chmodSync(brought, 0o755);
    renameSync(brought, ownPath(directory)); // whole or not at all, also when two processes get it at once
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function firstLine(error: unknown): string {
  const text =
    error instanceof Error
      ? error.cause instanceof Error
        ? `${error.message}: ${error.cause.message}`
        : error.message
      : String(error);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // A tool's own complaint stands at the end of what it printed; ours is a single line.
  return (lines.findLast((line) => /^ERROR|Error:/.test(line)) ?? lines[0] ?? 'no reason given').trim();
}
