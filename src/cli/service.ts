// `service install|uninstall|status`: systemd user units, so that a reboot needs nobody.
import type { Command } from '@commander-js/extra-typings';
import type { UnitState } from '../services/systemd-manager.ts';
import { printJson, printLines, say, widthOf, type Cli } from './cli.ts';
import { EXIT } from './exit.ts';
import { table } from './figures.ts';

const LINGER =
  'They run while you are logged in; `loginctl enable-linger`, once, lets them run from boot on and after your last logout.';

/** Adds `service` and its verbs to the program. */
export function addService(program: Command, cli: Cli): void {
  const service = program
    .command('service')
    .description('let systemd start, restart and keep what `up` starts, also after a reboot')
    .addHelpText('after', EXAMPLES);
  service
    .command('install')
    .description('write, enable and start the user units; safe to repeat')
    .option('--no-start', 'write and enable them alone, where no user manager runs yet')
    .option('--json', 'print JSON')
    .action(async ({ start, json }) => install(cli, start, json === true));
  service
    .command('uninstall')
    .description('stop the units and remove what install wrote; trainings go on')
    .option('--json', 'print JSON')
    .action(async ({ json }) => {
      const { uninstallUnits } = await import('../services/systemd.ts');
      const removed = await uninstallUnits((text) => say(cli, text));
      if (json === true) return printJson(cli, { removed });
      printLines(cli, removed.length === 0 ? ['Nothing was installed.'] : removed.map((path) => `Removed ${path}`));
    });
  service
    .command('status')
    .description('how the units stand: exit 1 where one does not run, 3 where none is installed')
    .option('--json', 'print JSON')
    .action(async ({ json }) => status(cli, json === true));
}

const EXAMPLES = `
Examples:
  npx autoresearch service install      from now on, at every login
  loginctl enable-linger                at every boot instead; needed once
  npx autoresearch service status
  journalctl --user -u autoresearch-control -f

The units keep PATH, AUTORESEARCH_HOME, TEMPORAL_ADDRESS and what trainings may
see of this shell. Install again after a change of those, or of Node's place.`;

async function install(cli: Cli, start: boolean, json: boolean): Promise<void> {
  const { installUnits } = await import('../services/systemd.ts');
  const installed = await installUnits({ start });
  const { units, written, leftOut } = installed;
  if (json) printJson(cli, installed);
  else
    printLines(
      cli,
      written.length === 0 ? ['All units were installed already.'] : written.map((path) => `Wrote ${path}`),
    );
  say(cli, `${start ? 'Running' : 'To be started with the next login or boot'}: ${units.join(', ')}.`);
  say(cli, LINGER);
  if (leftOut.length > 0)
    say(
      cli,
      `Secret, and therefore not in the units: ${leftOut.join(', ')}; \`systemctl --user edit autoresearch-control\` can add them.`,
    );
}

async function status(cli: Cli, json: boolean): Promise<void> {
  const { lingers, readUnits } = await import('../services/systemd-manager.ts');
  const { UNIT_NAMES } = await import('../services/systemd-units.ts');
  const units = await readUnits(UNIT_NAMES);
  const lingering = units.length === 0 ? null : await lingers();
  if (json) printJson(cli, { units, lingering });
  else if (units.length > 0) printLines(cli, statusLines(units, widthOf(cli)));
  if (units.length === 0) {
    say(cli, 'No unit is installed; `npx autoresearch service install` installs them.');
    return cli.endWith(EXIT.notFound);
  }
  if (lingering === false) say(cli, LINGER);
  const away = units.filter(({ active }) => !active).map(({ unit }) => unit);
  if (away.length === 0) return;
  say(
    cli,
    `Not running: ${away.join(', ')}. \`journalctl --user ${away.map((unit) => `-u ${unit}`).join(' ')}\` says why.`,
  );
  cli.endWith(EXIT.failure);
}

function statusLines(units: readonly UnitState[], columns: number): string[] {
  const rows = units.map(({ unit, process, restarts, enabled, state }) => [
    unit,
    process === null ? '' : String(process),
    String(restarts),
    enabled ? 'yes' : 'no',
    state,
  ]);
  return table(['unit', 'process', 'restarts', 'enabled', 'state'], rows, columns);
}
