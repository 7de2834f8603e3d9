// What runs beside a session: `up`, `down`, `worker`, `doctor`, and `allow`, which says for whom.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '@commander-js/extra-typings';
import type { Services } from '../services/daemon.ts';
import { widthOf, printJson, printLines, say, type Cli } from './cli.ts';
import { EXIT } from './exit.ts';
import { facts, wrap } from './figures.ts';
import { serve } from './serve.ts';

/** What a control worker needs to load, about. */
const HEAD_START_MS = 1000;
const WATCHDOG_REST_MS = 5000;

/** Adds the commands about services, workers and this machine to the program. */
export function addBackground(program: Command, cli: Cli): void {
  addServices(program, cli);
  addWorker(program, cli);
  addWatchdog(program, cli);
  addMachine(program, cli);
}

function addServices(program: Command, cli: Cli): void {
  const tell = (text: string): void => say(cli, text);
  program
    .command('up')
    .description('start what sessions need in the background: Temporal server, workers')
    .option('--json', 'print JSON')
    .action(async ({ json }) => {
      const services = await serve(cli);
      if (json === true) printJson(cli, services);
      else printLines(cli, serviceLines(services, widthOf(cli)));
    });
  program
    .command('down')
    .description('end them; sessions and trainings go on after the next `up`')
    .option('--json', 'print JSON')
    .action(async ({ json }) => {
      const { down, services } = await cli.serviceControl();
      const ended = await down({ say: tell });
      const left = (await services({})).processes.filter(({ alive }) => alive).map(({ name }) => name);
      if (left.length > 0) cli.endWith(EXIT.failure); // run by systemd: `down` has said how to stop them
      if (json === true) return printJson(cli, { ended, left });
      const nothing = left.length > 0 ? 'Nothing was ended.' : 'Nothing ran.';
      cli.out(`${ended.length === 0 ? nothing : `Ended: ${ended.join(', ')}.`}\n`);
    });
}

function addWorker(program: Command, cli: Cli): void {
  const tell = (text: string): void => say(cli, text);
  const enter = async (name: 'control-worker' | 'device-worker'): Promise<void> =>
    (await import('../services/systemd-process.ts')).enterUnit(name, tell);
  const worker = program.command('worker').description('run one part in the foreground, until it gets a signal');
  worker
    .command('control')
    .description('workflows and git')
    .action(async () => {
      await enter('control-worker');
      await (await import('../worker.ts')).runControlWorker(cli.cwd);
    });
  worker
    .command('gpu')
    .description('trainings and scoring, one at a time on each device')
    .addHelpText('after', ELSEWHERE)
    .action(async () => {
      // Started together on two cores, both workers would load at half speed; and people wait for the other one's answers.
      await sleep(HEAD_START_MS);
      await enter('device-worker');
      await (await import('../worker.ts')).runDeviceWorker();
    });
  addServer(worker, cli);
}

const ELSEWHERE = `
On another machine than the sessions' it needs the server's address, and a repo
that both reach by one URL:
  TEMPORAL_ADDRESS=127.0.0.1:7233 npx autoresearch worker gpu`;

function addServer(worker: Command, cli: Cli): void {
  worker
    .command('server')
    .description('the Temporal server of the state directory')
    .action(async () => {
      const stop = new AbortController();
      const forget = cli.onInterrupt(() => stop.abort());
      try {
        const { runServer } = await import('../services/systemd-process.ts');
        await runServer({ say: (text) => say(cli, text), signal: stop.signal });
      } finally {
        forget();
      }
    });
}

function addWatchdog(program: Command, cli: Cli): void {
  program
    .command('watchdog', { hidden: true })
    .description('start again what dies of the services; `up` runs this in the background')
    .action(async () => {
      const stop = new AbortController();
      cli.onInterrupt(() => stop.abort());
      // Nothing dies in the seconds in which everything loads, and the processor is needed elsewhere.
      await cli.sleep(WATCHDOG_REST_MS, stop.signal);
      const { watchServices } = await import('../services/watchdog.ts');
      const tell = (text: string): void => say(cli, `${new Date(cli.now()).toISOString()} ${text}`);
      await watchServices({ say: tell, folder: cli.cwd, signal: stop.signal });
    });
}

function addMachine(program: Command, cli: Cli): void {
  program
    .command('allow')
    .description('allow sessions to run commands out of a repo on this machine, or to propose by a command')
    .argument('[repo]', 'path or URL of a git repo')
    .option('--command <line>', 'what `start --proposer command --command` is told')
    .option('--json', 'print JSON')
    .action(async (repo, { command, json }) => {
      const { allow } = await import('./allow.ts');
      const { isNew, ...allowed } = await allow({ repo, command }, cli.cwd);
      if (json === true) return printJson(cli, { ...allowed, new: isNew });
      cli.out(
        `${repo === undefined ? 'This command' : allowed.repo} is ${isNew ? 'now' : 'already'} allowed on this machine.\n`,
      );
    });
  program
    .command('doctor')
    .description('what this machine has and lacks')
    .option('--json', 'print JSON')
    .action(async ({ json }) => {
      const { doctorLines, examine } = await import('./doctor.ts');
      const findings = await examine(cli);
      if (json === true) printJson(cli, findings);
      else printLines(cli, doctorLines(findings, widthOf(cli)));
      if (findings.some(({ ok, needed }) => needed && !ok)) cli.endWith(EXIT.failure);
    });
}

function serviceLines({ address, uiUrl, startUrl, httpUrl, processes }: Services, columns: number): string[] {
  const running = processes.filter(({ alive }) => alive).map(({ name, pid }) => `${name} (process ${pid})`);
  return facts(
    [
      ['server', address ?? 'unknown'],
      ['browser', uiUrl ?? ''],
      ['start', startUrl ?? ''],
      ['http', httpUrl ?? ''],
      ['running', running.join(', ')],
    ],
    columns,
    (text, width) => (text === startUrl ? [text] : wrap(text, width)), // a link in two lines is none
  );
}
