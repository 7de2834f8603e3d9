// Makes the README's pictures again, both from one real session on the bundled task: bench/pictures/watch.svg, a terminal that
// watches it, and bench/pictures/temporal-ui.png, its page in the Temporal Web UI.
//
//   npx tsx bench/picture.ts        (about three minutes; needs Chromium and util-linux's `script`)
//
// The session runs in a clone and a state directory of its own: no branch is left in this repo, and no path of this
// machine is to be seen. It shows the last commit, so commit first; and it needs an idle machine: the noise shows.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { nextSessionId } from '../src/cli/session-id.ts';
import { packageRoot, stateDirectory } from '../src/config.ts';
import { getTemporalBinary } from '../src/services/temporal-binary.ts';
import { findChromium, openChromium } from '../test/support/chromium.ts';
import { until } from '../test/support/until.ts';
import { terminalSvg } from './terminal-svg.ts';

/** What a person would start; the pictures are taken on the way. */
const INPUT = { experiments: 20 };
/** Enough verdicts to fill the view. */
const VERDICTS = 6;
const COLUMNS = 80;
const PAGE = { width: 1200, height: 1240 };

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const upSchema = z.object({ address: z.string(), uiUrl: z.string() });

/** The command line of a fresh clone, with services of its own. */
interface Place {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ask: (...args: string[]) => Promise<unknown>;
}

async function main(): Promise<void> {
  const chromium = findChromium();
  if (chromium === undefined)
    throw new Error('Expected a Chromium on the PATH, got none; install it or set CHROMIUM_PATH.');
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-picture-'));
  const place = await clonedPlace(folder);
  try {
    const { address, uiUrl } = upSchema.parse(await place.ask('up'));
    const session = nextSessionId('byte-lm', new Date(), new Set());
    await start(address, session);
    const terminal = watch(place, session);
    try {
      const frame = await until(() => terminal.frame());
      save('temporal-ui.png', await pageOf(chromium, `${uiUrl}/namespaces/default/workflows/${session}`));
      save('watch.svg', terminalSvg([`\u001B[2m$\u001B[0m autoresearch watch ${session}`, '', ...frame], COLUMNS));
    } finally {
      await terminal.leave();
    }
  } finally {
    await place.ask('down');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function clonedPlace(folder: string): Promise<Place> {
  const clone = join(folder, 'durable-autoresearch');
  say('Cloning the last commit …');
  await execa('git', ['clone', '--quiet', packageRoot(), clone]);
  symlinkSync(join(packageRoot(), 'node_modules'), join(clone, 'node_modules'));
  const { NO_COLOR: _plain, ...kept } = process.env;
  const env = { ...kept, AUTORESEARCH_HOME: join(folder, 'state'), TERM: 'xterm-256color' };
  return {
    folder: clone,
    env,
    ask: async (...args) => {
      const command = ['bin/autoresearch.js', ...args, '--json'];
      const { stdout } = await execa('node', command, { cwd: clone, env, extendEnv: false, stderr: 'inherit' });
      return JSON.parse(stdout);
    },
  };
}

/** As a script would: `start` would put the clone's path into the input, which the page shows. */
async function start(address: string, session: string): Promise<void> {
  const temporal = await getTemporalBinary({ say, directory: stateDirectory() });
  const what = ['--type', 'researchSession', '--task-queue', 'autoresearch', '--workflow-id', session];
  await execa(temporal, ['workflow', 'start', '--address', address, ...what, '--input', JSON.stringify(INPUT)]);
  say(`Session ${session} has started; its first trials need a minute.`);
}

/** `autoresearch watch` on a pseudo terminal, and the last picture that it drew with a training half done. */
function watch({ folder, env }: Place, session: string) {
  const command = `stty cols ${COLUMNS} rows 24; exec node bin/autoresearch.js watch ${session}`;
  const child = execa('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
    cwd: folder,
    env,
    extendEnv: false,
    stdin: 'pipe',
    reject: false,
  });
  let drawn = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (drawn += text));
  let ended = false;
  void child.then(() => (ended = true));
  return {
    frame: () => {
      const all = frames(drawn);
      const frame = all.findLast(isTelling);
      if (frame === undefined && ended)
        throw new Error(
          `Expected a picture with a training half done and a keep, got:\n${(all.at(-1) ?? []).join('\n')}`,
        );
      return frame;
    },
    leave: async () => {
      if (!ended) child.stdin.write('\u0003');
      await child;
    },
  };
}

/** Each picture begins by clearing what is below and ends where the cursor is hidden for the next; the last may be cut. */
const frames = (drawn: string): string[][] =>
  drawn
    .split('\u001B[?25l')
    .slice(1, -1)
    .map((frame) =>
      frame
        .slice(frame.indexOf(CLEARED) + CLEARED.length)
        .trimEnd()
        .split('\r\n'),
    );

/** As src/cli/screen.ts clears. */
const CLEARED = '\u001B[0J';

/** A training half done below an incumbent, and above it enough verdicts with a keep among them. */
function isTelling(frame: readonly string[]): boolean {
  const share = Number(/\] +(\d+) %/.exec(frame.join('\n'))?.[1] ?? 0);
  const verdicts = frame.filter((line) => /\d {2}(?:keep|discard|crash|dropped) /.test(line));
  return share >= 40 && share <= 80 && verdicts.length >= VERDICTS && verdicts.some((line) => line.includes(' keep '));
}

async function pageOf(chromium: string, url: string): Promise<Buffer> {
  const { context, close } = await openChromium(chromium, PAGE);
  try {
    const page = await context.newPage();
    await page.goto(url);
    // Whichever: the page draws only the rows that are in sight, the newest first.
    await page
      .getByText(/experiment \d+ · train/)
      .first()
      .waitFor();
    return await page.screenshot();
  } finally {
    await close();
  }
}

function save(name: string, content: string | Buffer): void {
  const folder = join(packageRoot(), 'bench', 'pictures');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
  say(`bench/pictures/${name}: ${Math.ceil(content.length / 1000)} kB`);
}

await main();
