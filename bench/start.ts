// A new person's first minutes: a fresh clone in an empty home, with nothing but warm package caches, `npm start`, and a
// look at the clock. The clone has what is committed. The second start comes after `down`, with everything installed.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { packageRoot } from '../src/config.ts';
import { removeFolder } from '../src/trainer/data-folder.ts';
import { closing } from './closing.ts';
import { inHome } from './environment.ts';
import { firstTrainingIn } from './first-training.ts';
import { followLines } from './follow-lines.ts';
import { told, type Bench, type Part, type Row } from './part.ts';
import { endTrials } from './product.ts';
import { median } from './statistics.ts';

const EXPERIMENTS = 20;
const FULL_STARTS = 10;
const FIRST_LINE_BOUND_SECONDS = 90;
const FIRST_KEEP_BOUND_SECONDS = 180;
const KEEPS_BOUND = 0.9;
const SECOND_LINE_BOUND_SECONDS = 5;
/** Then a start counts as one without. */
const PATIENCE_SECONDS = 900;

/** Seconds; null for what did not come. */
const startSchema = z.object({
  commit: z.string(),
  firstLine: z.number().nullable(),
  /** When the command of the first trial was started: its line stands a little earlier, while the task is prepared. */
  firstTraining: z.number().nullable(),
  firstKeep: z.number().nullable(),
  secondLine: z.number().nullable(),
  secondTrialLine: z.number().nullable(),
});
type Start = z.output<typeof startSchema>;

/** Fresh clone to the first live line and to the first keep; the second start. */
export const startPart: Part = {
  name: 'start',
  about: 'fresh clone and empty home to the first live line and to the first kept commit; the second start',
  measure: async (bench) => {
    const wanted = bench.options.full ? FULL_STARTS : 1;
    const { stdout: commit } = await execa('git', ['rev-parse', '--short', 'HEAD'], { cwd: packageRoot() });
    const start = (k: number, rule: string): Promise<Start> =>
      bench.piece(`start ${k} of ${commit}, ${rule}`, startSchema, () => measure(bench, { k, commit, rule }));
    const starts: Start[] = [];
    for (let k = 1; k <= wanted; k++) starts.push(await start(k, 'greedy'));
    // Seven trials of the baseline, replicates, and an audit before a large gain is kept: what certainty costs is told.
    const { firstKeep } = await start(1, 'default');
    return [
      ...rowsOf(starts),
      told('fresh clone to the first kept commit under the rule `default`', seconds(firstKeep ?? Infinity)),
    ];
  },
};

function rowsOf(starts: readonly Start[]): Row[] {
  const of = starts.length === 1 ? '1 start' : `median of ${starts.length}`;
  const row = (number: string, bound: number, pick: (start: Start) => number | null): Row => {
    const measured = median(starts.map((start) => pick(start) ?? Number.POSITIVE_INFINITY));
    return { number: `${number} (${of})`, measured: seconds(measured), bound: `< ${bound} s`, ok: measured < bound };
  };
  const inTime = starts.filter(({ firstKeep }) => firstKeep !== null && firstKeep < FIRST_KEEP_BOUND_SECONDS).length;
  const all = starts.length >= FULL_STARTS;
  return [
    row('fresh clone to the first live line of a trial', FIRST_LINE_BOUND_SECONDS, ({ firstLine }) => firstLine),
    row('fresh clone to the first training', FIRST_LINE_BOUND_SECONDS, ({ firstTraining }) => firstTraining),
    {
      number: `fresh clone to the first kept commit in ${FIRST_KEEP_BOUND_SECONDS} s, rule greedy`,
      measured: `${inTime} of ${starts.length}: ${starts.map(({ firstKeep }) => seconds(firstKeep ?? Number.POSITIVE_INFINITY)).join(', ')}`,
      bound: '9 of 10',
      // One start in time says nothing about nine of ten; one that is late may still be the tenth.
      ok: all ? inTime >= KEEPS_BOUND * starts.length : null,
    },
    row('second start to the first live line', SECOND_LINE_BOUND_SECONDS, ({ secondLine }) => secondLine),
    told(
      `second start to the line of the running trial (${of})`,
      seconds(median(starts.map((start) => start.secondTrialLine ?? Number.POSITIVE_INFINITY))),
    ),
  ];
}

const seconds = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} s` : 'never');

/** The live view's first word: the session and its status. */
const LIVE_LINE = /^[\w.-]+ · \w+/;
const TRIAL_LINE = /· training [\d.]+ s ·/;
const KEEP_LINE = /^experiment \d+ · keep ·/;

async function measure(
  bench: Bench,
  { k, commit, rule }: { readonly k: number; readonly commit: string; readonly rule: string },
): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-bench-start-'));
  const [clone, home] = [join(folder, 'clone'), join(folder, 'home')];
  mkdirSync(home);
  const env = await inHome(home);
  const down = () =>
    execa('node', ['bin/autoresearch.js', 'down'], { cwd: clone, env, extendEnv: false, reject: false });
  const close = closing(async () => {
    await down();
    await endTrials(join(home, 'state'));
    await removeFolder(folder);
  });
  const args = ['start', '--', '--experiments', String(EXPERIMENTS), '--rule', rule];
  const npmStart = () => followLines('npm', args, { cwd: clone, env });
  const state = join(home, 'state');
  try {
    return await bench.during(`start ${k}, ${rule}`, async () => {
      const startedAt = Date.now();
      const since = (at: number | null): number | null => (at === null ? null : (at - startedAt) / 1000);
      await execa('git', ['clone', '--quiet', packageRoot(), clone]);
      const first = npmStart();
      const firstLine = since(await first.lineAt(TRIAL_LINE, PATIENCE_SECONDS));
      if (firstLine === null) bench.say(`no line of a trial; the last words were:\n${first.lastWords()}`);
      const firstKeep = since(await first.lineAt(KEEP_LINE, PATIENCE_SECONDS));
      await first.leave();
      const firstTraining = since(firstTrainingIn(state));
      await down();
      const secondAt = Date.now();
      const second = npmStart();
      const sinceSecond = (at: number | null): number | null => (at === null ? null : (at - secondAt) / 1000);
      const secondLine = sinceSecond(await second.lineAt(LIVE_LINE, PATIENCE_SECONDS));
      const secondTrialLine = sinceSecond(await second.lineAt(TRIAL_LINE, PATIENCE_SECONDS));
      await second.leave();
      return { commit, firstLine, firstTraining, firstKeep, secondLine, secondTrialLine };
    });
  } finally {
    await close();
  }
}
