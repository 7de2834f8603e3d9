// The product as a person has it: the command line in a process of its own, real services in the background, a real
// project in a real repo. Everything lives in one temporary folder and ends with `close`.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import type { BestReport } from '../../src/domain/best-report.ts';
import type { StatusReport } from '../../src/domain/report.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import { askServer, isOver, isSaying } from './ask-server.ts';
import { writeOwnPorts } from './own-ports.ts';
import { until } from './until.ts';

const LOOK_MS = 250;

/** What a command said and how it ended. */
export interface Answer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running product with a project of its own. */
export interface Product {
  readonly folder: string;
  readonly repo: string;
  readonly home: string;
  /** What its processes have in their environment, for those that a test starts itself. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: (...args: string[]) => Promise<Answer>;
  /** Starts a session under `greedy`, which trains each candidate once, and leaves it running. */
  readonly start: (session: string, shape: SessionShape, ...more: string[]) => Promise<void>;
  readonly services: () => Record<string, number>;
  readonly records: (session: string) => Promise<ExperimentRecord[]>;
  readonly best: (session: string) => Promise<BestReport>;
  /** Resolves when the session is over. Asks the server: a command each time would keep a core busy. */
  readonly ended: (session: string) => Promise<BestReport>;
  /** Resolves when the session answers questions, and what it tells is so; asks the server likewise. */
  readonly tells: (session: string, ready: (status: StatusReport) => boolean) => Promise<void>;
  /** One line for each start of a training: `<trial id> <pid>`. */
  readonly starts: () => string[];
  readonly close: () => Promise<void>;
}

/** How long a session is. */
export interface SessionShape {
  readonly experiments: number;
  readonly calibration?: number;
}

/** What a test may want of its product. */
export interface ProductOptions {
  readonly trialSeconds?: number;
  /** The training ignores TERM, as does a child of its own. */
  readonly stubborn?: boolean;
  /** Scoring takes a second, and to move refs almost half of one: stages that else pass in no time can be hit. */
  readonly slow?: boolean;
  /** The project's files, by path; default: a small one with a task file. What is a script can be run. */
  readonly files?: Readonly<Record<string, string>>;
  /** Added to the environment. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Makes the folder and the project; starts nothing yet. */
export async function createProduct(options: ProductOptions = {}): Promise<Product> {
  const { trialSeconds = 2, stubborn = false, slow = false, more = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-product-'));
  const [repo, home] = [join(folder, 'project'), join(folder, 'state')];
  const marks = listen(folder);
  const small = {
    'autoresearch.yaml': taskYaml(trialSeconds, slow),
    'train.py': trainPy(marks.pipe, stubborn),
    'score.py': SCORE_PY,
  };
  await createProject(repo, options.files ?? small);
  writeOwnPorts(home);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    AUTORESEARCH_HOME: home,
    AUTORESEARCH_READABLE: dirname(marks.pipe),
    HOME: folder,
    NO_COLOR: '1',
    ...more,
  };
  if (slow) env['PATH'] = `${slowGit(folder)}:${env['PATH']}`;
  const run = async (...args: string[]): Promise<Answer> => {
    const program = join(packageRoot(), 'bin/autoresearch.js');
    const { exitCode, stdout, stderr } = await execa('node', [program, ...args], {
      cwd: repo,
      env,
      reject: false,
      stdin: 'ignore',
    });
    return { exitCode, stdout, stderr };
  };
  const json = async <T>(...args: string[]): Promise<T> => {
    const { stdout, stderr } = await run(...args, '--json');
    if (typeof stdout !== 'string' || stdout === '')
      throw new Error(`Expected JSON from ${args.join(' ')}, got: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  return {
    folder,
    repo,
    home,
    env,
    run,
    start: async (session, shape, ...added) => {
      const { exitCode, stderr } = await run(...startCommand(session, shape), ...added);
      if (exitCode !== 0) throw new Error(`Expected session ${session} to start, got: ${stderr}`);
    },
    services: () => {
      const file = JSON.parse(readFileSync(join(home, 'services.json'), 'utf8')) as {
        processes: { name: string; pid: number }[];
      };
      return Object.fromEntries(file.processes.map(({ name, pid }) => [name, pid]));
    },
    records: (session) => json('results', session),
    best: (session) => json('best', session),
    ended: async (session) => {
      await until(async () => (await sleep(LOOK_MS), askServer(home, session, isOver)));
      return json('best', session);
    },
    tells: async (session, ready) => {
      await until(async () => (await sleep(LOOK_MS), askServer(home, session, isSaying(ready))));
    },
    starts: () =>
      readFileSync(marks.file, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    close: async () => {
      await run('down');
      const { trials, proposals } = stateDirectory({ AUTORESEARCH_HOME: home });
      for (const { directory } of [trials, proposals].flatMap(liveTrials)) await killTrial(directory);
      marks.end();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Starts a session under `greedy`, which trains each candidate once. */
export function startCommand(session: string, { experiments, calibration = 1 }: SessionShape): string[] {
  const names = ['--tag', session, '--id', session, '--rule', 'greedy'];
  const shape = ['--experiments', String(experiments), '--calibration', String(calibration)];
  return ['start', '--detach', ...names, ...shape];
}

/**
 * What trainings say of their starts, in a file. A training may write in its own folders alone, and those are emptied when
 * it starts again; a pipe that it may read is one that it may write to.
 */
function listen(folder: string): { readonly pipe: string; readonly file: string; readonly end: () => void } {
  const [place, file] = [join(folder, 'marks'), join(folder, 'starts')];
  const pipe = join(place, 'pipe');
  mkdirSync(place);
  writeFileSync(file, '');
  execFileSync('mkfifo', [pipe]);
  // Open at both ends, so that nobody ever waits for it and it waits for everybody.
  const reader = spawn('sh', ['-c', 'exec cat <> "$1" >> "$2"', 'sh', pipe, file], { stdio: 'ignore' });
  const kill = (): void => void reader.kill('SIGKILL');
  process.once('exit', kill);
  return { pipe, file, end: () => (kill(), process.off('exit', kill)) };
}

/** A folder with a git that takes its time to move refs, which every verb does once, as on a slow disk. */
function slowGit(folder: string): string {
  const bin = join(folder, 'slow');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'git'),
    '#!/bin/sh\nPATH="${PATH#*:}"\ncase "$*" in *update-ref*) sleep 0.4 ;; esac\nexec git "$@"\n',
    { mode: 0o755 },
  );
  return bin;
}

const taskYaml = (trialSeconds: number, scored: boolean): string => `name: small
editable: [train.py]
train: { run: python3 train.py, seconds: ${trialSeconds}, startupSeconds: 10, stallSeconds: 30 }
${scored ? 'score: { run: python3 score.py, seconds: 30 }\n' : ''}metric: { name: loss, direction: minimize, noise: 0.01 }
`;

/** A training that mostly sleeps: its loss depends on its constants, and it notes each of its starts. */
const trainPy = (marks: string, stubborn: boolean): string => `import math, os, random, signal, sys, time

LEARNING_RATE = 0.01
MOMENTUM = 0.5
WIDTH = 16

${stubborn ? STUBBORN : ''}with open(${JSON.stringify(marks)}, "w") as starts:
    starts.write(os.environ["AUTORESEARCH_TRIAL"] + " " + str(os.getpid()) + "\\n")
random.seed(int(os.environ["AUTORESEARCH_SEED"]))
seconds = float(os.environ["AUTORESEARCH_SECONDS"])
begun = time.monotonic()
for step in range(20):
    time.sleep(max(0, begun + seconds * (step + 1) / 20 - time.monotonic()))
    sys.stdout.write("\\rstep %05d (%.1f%%) | loss: %.4f" % (step + 1, 100 * (step + 1) / 20, 1.0))
    sys.stdout.flush()
loss = 1 + abs(math.log(LEARNING_RATE / 0.3)) / 10 + (MOMENTUM - 0.9) ** 2 + abs(math.log2(WIDTH / 64)) / 20
said = "METRIC loss=%.6f" % (loss + random.gauss(0, 0.001))
print("\\n" + said)
with open(os.environ["AUTORESEARCH_OUT"] + "/said", "w") as out:
    out.write(said)
`;

/** Takes the training's word for it, slowly. */
const SCORE_PY = `import os, time

time.sleep(1)
print(open(os.environ["AUTORESEARCH_OUT"] + "/said").read())
`;

/** In a process session of its own, too. */
const STUBBORN = `signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    time.sleep(600)
`;

async function createProject(repo: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(repo, name)), { recursive: true });
    writeFileSync(join(repo, name), text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
  const options = { cwd: repo };
  await execa('git', ['init', '--quiet', '--initial-branch=main'], options);
  await execa('git', ['add', '--all'], options);
  const identity = ['-c', 'user.name=a person', '-c', 'user.email=person@example.org'];
  await execa('git', [...identity, 'commit', '--quiet', '--message', 'a small project'], options);
}
