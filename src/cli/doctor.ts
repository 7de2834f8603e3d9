// What a session needs of this machine, looked at one by one. Looks only: starts, installs and leaves nothing.
import { accessSync, constants, existsSync } from 'node:fs';
import { execa } from 'execa';
import { needUsable, stateDirectory, StateDirectoryUnusable } from '../config.ts';
import type { Services } from '../services/daemon.ts';
import { byteFigure, diskAt, nearest, sessionUse, type Disk } from '../trainer/disk.ts';
import { probeSandbox } from '../trainer/sandbox-probe.ts';
import { readHindrances, tierAdvice } from './doctor-sandbox.ts';
import { facts, many } from './figures.ts';
import type { World } from './world.ts';

/** One thing looked at. `needed` is false for what only makes things better. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly needed: boolean;
  /** All is well still, but may not be for long. */
  readonly warning?: true;
  readonly found: string;
  /** What to do; empty when all is well. */
  readonly advice: string;
}

interface Tool {
  readonly name: string;
  readonly command: string;
  readonly least: readonly [number, number];
  readonly needed: boolean;
  /** What is found where it is not there; default: not on the PATH. */
  readonly absent?: string;
  readonly advice: string;
}

const TOOLS: readonly Tool[] = [
  { name: 'git', command: 'git', least: [2, 38], needed: true, advice: 'install git 2.38 or newer' },
  { name: 'python', command: 'python3', least: [3, 9], needed: true, advice: 'install Python 3.9 or newer' },
  { name: 'flock', command: 'flock', least: [0, 0], needed: true, advice: 'install util-linux' },
];
/** Looked for while the bundled task still needs it. */
const PIP: Tool = {
  name: 'pip',
  command: 'python3 -m pip',
  least: [0, 0],
  needed: false,
  absent: 'python3 has none, and the bundled task gets numpy by it',
  advice: 'install it (Debian: `apt install python3-pip`), or set PIP_INDEX_URL to a package index',
};

const NODE_LEAST = [20, 19] as const;
/** A session of a hundred experiments with kept outputs fits into this. */
const DISK_LEAST_BYTES = 2e9;
/** Fuller than this a disk is slow, and a night's work may not fit. */
const DISK_FULL_SHARE = 0.9;
/** More sessions than these are only counted. */
const SESSIONS_SHOWN = 3;
const ASK_LIMIT_MS = 20_000;

/** Everything that matters on this machine, one finding each. */
export async function examine(world: Pick<World, 'openFeed' | 'serviceControl'>): Promise<Finding[]> {
  const { services } = await world.serviceControl();
  const { bundledTaskTools } = await import('../services/bootstrap.ts');
  const wanted = bundledTaskTools().length > 0 ? [...TOOLS, PIP] : TOOLS;
  const [running, ...tools] = await Promise.all([services({}).catch(unreadable), ...wanted.map(examineTool)]);
  const { root, trials } = stateDirectory();
  const answers = running.embedded || (await serverAnswers(world));
  return [
    versionFinding(
      { name: 'node', least: NODE_LEAST, needed: true, advice: 'install Node 20.19 or newer' },
      process.version,
    ),
    ...tools,
    sandboxFinding(),
    ...serviceFindings(running, answers),
    stateFinding(root),
    diskFinding(diskAt(root)),
    sessionsFinding(trials),
  ];
}

/** Of a state directory that is not this person's nothing is known; that is a finding of its own. */
function unreadable(error: unknown): Services {
  if (error instanceof StateDirectoryUnusable) return { embedded: true, processes: [] };
  throw error;
}

async function examineTool(tool: Tool): Promise<Finding> {
  const [program = tool.command, ...first] = tool.command.split(' ');
  const { exitCode, stdout } = await execa(program, [...first, '--version'], { reject: false, timeout: ASK_LIMIT_MS });
  return exitCode === 0
    ? versionFinding(tool, stdout)
    : missing(tool.name, tool.needed, tool.absent ?? 'not on the PATH', tool.advice);
}

/** The tools that are there may still not be allowed to make a sandbox: it is run. */
function sandboxFinding(): Finding {
  const { found, advice } = tierAdvice(probeSandbox(), readHindrances());
  return advice === '' ? fine('sandbox', false, found) : missing('sandbox', false, found, advice);
}

function versionFinding(tool: Omit<Tool, 'command'>, output: string): Finding {
  const [version, major, minor] = /(\d+)\.(\d+)[\d.]*/.exec(output) ?? [];
  const found = version ?? 'unknown version';
  const [leastMajor, leastMinor] = tool.least;
  const isNew = Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor);
  return isNew ? fine(tool.name, tool.needed, found) : missing(tool.name, tool.needed, found, tool.advice);
}

async function serverAnswers({ openFeed }: Pick<World, 'openFeed'>): Promise<boolean> {
  const feed = await openFeed();
  await feed.close();
  return feed.client !== null;
}

function serviceFindings({ address, embedded, processes, problems = [] }: Services, answers: boolean): Finding[] {
  const advice = '`npx autoresearch up` starts it';
  const alive = (name: string): Finding => {
    const process = processes.find((one) => one.name === name && one.alive);
    return process === undefined
      ? missing(name.replace('-', ' '), false, 'not running here', advice)
      : fine(name.replace('-', ' '), false, `process ${process.pid}, log ${process.log}`);
  };
  const theirs = `yours, at ${address ?? 'an unknown address'}`;
  const server = embedded
    ? alive('temporal-server')
    : answers
      ? fine('temporal server', true, theirs)
      : missing('temporal server', true, `${theirs}, does not answer`, 'start it there');
  const harm = problems.map((text) =>
    missing('services', false, text.replace(/\.$/, ''), '`npx autoresearch up` mends it'),
  );
  return [...harm, server, alive('control-worker'), alive('device-worker')];
}

/** The check that everything else makes first; of a directory that is not made yet, the folder that it will be in. */
function stateFinding(root: string): Finding {
  const advice = 'set AUTORESEARCH_HOME to a folder of yours';
  const name = 'state directory';
  try {
    if (existsSync(root)) needUsable(root);
    else accessSync(nearest(root), constants.W_OK);
    return fine(name, true, existsSync(root) ? root : `${root} (not made yet)`);
  } catch (error) {
    if (!(error instanceof StateDirectoryUnusable))
      return missing(name, true, `${nearest(root)} cannot be written to`, advice);
    return missing(name, true, error.problem, advice);
  }
}

/** What is needed is room; a disk that is nearly full is a warning. Pure. */
export function diskFinding({ freeBytes, usedShare }: Disk): Finding {
  const found = `${byteFigure(freeBytes)} free, ${Math.floor(usedShare * 100)} % full`;
  const advice = `make room: ${byteFigure(DISK_LEAST_BYTES)} are needed, more for large models`;
  if (freeBytes < DISK_LEAST_BYTES) return missing('disk', true, found, advice);
  return usedShare < DISK_FULL_SHARE
    ? fine('disk', true, found)
    : { ...missing('disk', false, found, 'make room before it is full and blocks sessions'), warning: true };
}

/** What sessions take on this machine: trials' outputs and logs. */
function sessionsFinding(trials: string): Finding {
  const use = sessionUse(trials);
  if (use.length === 0) return fine('sessions', false, 'nothing stored');
  const total = use.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = use.slice(0, SESSIONS_SHOWN).map(({ session, bytes }) => `${session} ${byteFigure(bytes)}`);
  const others = use.length > largest.length ? `, and ${many(use.length - largest.length, 'other')}` : '';
  return fine('sessions', false, `${byteFigure(total)} in ${trials}: ${largest.join(', ')}${others}`);
}

const fine = (name: string, needed: boolean, found: string): Finding => ({ name, ok: true, needed, found, advice: '' });

const missing = (name: string, needed: boolean, found: string, advice: string): Finding => ({
  name,
  ok: false,
  needed,
  found,
  advice,
});

/** One line for each finding; longer ones go on below. Pure. */
export function doctorLines(findings: readonly Finding[], columns: number): string[] {
  return findings.flatMap(({ name, ok, warning, found, advice }) => {
    const word = ok ? 'ok' : warning === true ? 'warning' : 'missing';
    return facts([[`${word.padEnd(7)}  ${name.padEnd(15)}`, ok ? found : `${found}; ${advice}`]], columns);
  });
}
