// The product as a person has it: the command line in a process of its own, real services in the background, a real
// project in a real repo. Everything lives in one temporary folder and ends with `close`.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import type { ExperimentRecord } from '../../src/domain/experiment.ts';
import type { BestReport } from '../../src/domain/report.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';

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
  readonly run: (...args: string[]) => Promise<Answer>;
  readonly services: () => Record<string, number>;
  readonly records: (session: string) => Promise<ExperimentRecord[]>;
  readonly best: (session: string) => Promise<BestReport>;
  /** One line for each start of a training: `<trial id> <pid>`. */
  readonly starts: () => string[];
  readonly close: () => Promise<void>;
}

/** Makes the folder and the project; starts nothing yet. A `stubborn` training ignores TERM, as does a child of its own; `more` is added to the environment. */
export async function createProduct({ trialSeconds = 2, stubborn = false, more = {} } = {}): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-product-'));
  const [repo, home] = [join(folder, 'project'), join(folder, 'state')];
  // A training may write in its own folders alone, and those are emptied when it starts again; devices it may use.
  const marks = join(existsSync('/dev/shm') ? '/dev/shm' : folder, `${basename(folder)}-starts`);
  writeFileSync(marks, '');
  await createProject(repo, trainPy(marks, stubborn), trialSeconds);
  const env = { ...process.env, AUTORESEARCH_HOME: home, HOME: folder, NO_COLOR: '1', ...more };
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
    run,
    services: () => {
      const file = JSON.parse(readFileSync(join(home, 'services.json'), 'utf8')) as {
        processes: { name: string; pid: number }[];
      };
      return Object.fromEntries(file.processes.map(({ name, pid }) => [name, pid]));
    },
    records: (session) => json('results', session),
    best: (session) => json('best', session),
    starts: () =>
      readFileSync(marks, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    close: async () => {
      await run('down');
      const { trials } = stateDirectory({ AUTORESEARCH_HOME: home });
      for (const { directory } of liveTrials(trials)) await killTrial(directory);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      rmSync(marks, { force: true });
    },
  };
}

const taskYaml = (trialSeconds: number): string => `name: small
editable: [train.py]
train: { run: python3 train.py, seconds: ${trialSeconds}, startupSeconds: 10, stallSeconds: 30 }
metric: { name: loss, direction: minimize, noise: 0.01 }
`;

/** A training that mostly sleeps: its loss depends on its constants, and it notes each of its starts. */
const trainPy = (marks: string, stubborn: boolean): string => `import math, os, random, signal, sys, time

LEARNING_RATE = 0.01
MOMENTUM = 0.5
WIDTH = 16

${stubborn ? STUBBORN : ''}with open(${JSON.stringify(marks)}, "a") as starts:
    starts.write(os.environ["AUTORESEARCH_TRIAL"] + " " + str(os.getpid()) + "\\n")
random.seed(int(os.environ["AUTORESEARCH_SEED"]))
seconds = float(os.environ["AUTORESEARCH_SECONDS"])
for step in range(20):
    time.sleep(seconds / 20)
    sys.stdout.write("\\rstep %05d (%.1f%%) | loss: %.4f" % (step + 1, 100 * (step + 1) / 20, 1.0))
    sys.stdout.flush()
loss = 1 + abs(math.log(LEARNING_RATE / 0.3)) / 10 + (MOMENTUM - 0.9) ** 2 + abs(math.log2(WIDTH / 64)) / 20
print("\\nMETRIC loss=%.6f" % (loss + random.gauss(0, 0.001)))
`;

/** In a process session of its own, too. */
const STUBBORN = `signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    time.sleep(600)
`;

async function createProject(repo: string, train: string, trialSeconds: number): Promise<void> {
  mkdirSync(repo, { recursive: true });
  writeFileSync(join(repo, 'autoresearch.yaml'), taskYaml(trialSeconds));
  writeFileSync(join(repo, 'train.py'), train);
  const options = { cwd: repo };
  await execa('git', ['init', '--quiet', '--initial-branch=main'], options);
  await execa('git', ['add', '--all'], options);
  const identity = ['-c', 'user.name=a person', '-c', 'user.email=person@example.org'];
  await execa('git', [...identity, 'commit', '--quiet', '--message', 'a small project'], options);
}
