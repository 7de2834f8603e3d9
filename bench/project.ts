// The repos that benchmarks run sessions on: a small project whose training sleeps, and the bundled task as a person's
// clone has it.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { BUNDLED_TASK } from '../src/bundled.ts';
import { packageRoot } from '../src/config.ts';

/**
 * Which of them. In `nothing` no constant of byte-lm that the proposer changes does anything; in `steady` a training counts
 * its own processor time, so that what else the machine does is no part of what is measured.
 */
export type Project = 'small' | 'byte-lm' | 'nothing' | 'steady';
/** Of `steady`: it trains for so large a part of its budget, and the rest is there for it to wait in. */
export const STEADY_SHARE = 0.25;

/** The project's task file in its repo. */
export const taskPathOf = (project: Project): string => (project === 'small' ? 'autoresearch.yaml' : BUNDLED_TASK);

/** Makes the project's repo in a folder that does not exist yet. */
export async function createProject(project: Project, repo: string): Promise<void> {
  if (project === 'small') await createSmall(repo);
  else await createByteLm(repo, CHANGES[project]);
}

/** What is made of byte-lm's training. */
const CHANGES = { 'byte-lm': (text: string) => text, nothing: withoutEffect, steady: onOwnClock } as const;

// It says nothing while it sleeps, for as long as a part has it sleep.
const TASK = `name: small
editable: [train.py]
train: { run: python3 train.py, seconds: 2, startupSeconds: 10, stallSeconds: 600 }
metric: { name: loss, direction: minimize, noise: 0.01 }
`;

const TRAIN = `import math, os, random, time

LEARNING_RATE = 0.01
MOMENTUM = 0.5
WIDTH = 16
DROPOUT = 0.1

random.seed(int(os.environ["AUTORESEARCH_SEED"]))
time.sleep(float(os.environ["AUTORESEARCH_SECONDS"]))
loss = 1 + abs(math.log(LEARNING_RATE / 0.3)) / 10 + (MOMENTUM - 0.9) ** 2 + abs(math.log2(WIDTH / 64)) / 20 + DROPOUT
print("METRIC loss=%.6f" % (loss + random.gauss(0, 0.001)))
`;

async function createSmall(repo: string): Promise<void> {
  mkdirSync(repo, { recursive: true });
  writeFileSync(join(repo, 'autoresearch.yaml'), TASK);
  writeFileSync(join(repo, 'train.py'), TRAIN);
  await execa('git', ['init', '--quiet', '--initial-branch=main'], { cwd: repo });
  await commitAll(repo);
}

/** A clone of this project, so that checkouts are as large as a person's; with the task as it stands here, committed or not. */
async function createByteLm(repo: string, change: (text: string) => string): Promise<void> {
  await execa('git', ['clone', '--quiet', packageRoot(), repo]);
  const task = join('tasks', 'byte-lm');
  rmSync(join(repo, task), { recursive: true, force: true });
  cpSync(join(packageRoot(), task), join(repo, task), {
    recursive: true,
    filter: (path) => !path.includes('__pycache__'),
  });
  const train = join(repo, task, 'train.py');
  writeFileSync(train, change(readFileSync(train, 'utf8')));
  await commitAll(repo);
}

/** Constants that mean something are closed to the proposer; those that it may change mean nothing. */
function withoutEffect(text: string): string {
  const closed = text.replaceAll(/# search: .*/g, '# search: off');
  const idle = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => `IDLE_${name} = 0.5  # search: 0..1\n`).join('');
  return closed.replace('VOCABULARY = 256\n', `${idle}\nVOCABULARY = 256\n`);
}

function onOwnClock(text: string): string {
  const [clock, budget] = ['time.perf_counter()', 'float(os.environ["AUTORESEARCH_SECONDS"])'];
  if (!text.includes(clock) || !text.includes(budget))
    throw new Error(`Expected the bundled training to have ${clock} and ${budget}, got another program.`);
  return text.replaceAll(clock, 'time.process_time()').replace(budget, `${STEADY_SHARE} * ${budget}`);
}

async function commitAll(repo: string): Promise<void> {
  const identity = ['-c', 'user.name=a person', '-c', 'user.email=person@example.org'];
  await execa('git', ['add', '--all'], { cwd: repo });
  await execa('git', [...identity, 'commit', '--quiet', '--allow-empty', '--message', 'for a benchmark'], {
    cwd: repo,
  });
}
