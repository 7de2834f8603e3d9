// Records the histories that replay.test.ts replays: of every play in plays.ts, or of those that are named.
//
//   npx tsx test/replay/record.ts             (all; some minutes)
//   npx tsx test/replay/record.ts keep stop   (these two; seconds)
//
// Real server, real workflow, a fake world. When to record anew and when not: CONTRIBUTING.md, "Changing a workflow".
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, NativeConnection } from '@temporalio/worker';
import { packageRoot } from '../../src/config.ts';
import { CONTROL_QUEUE } from '../../src/domain/names.ts';
import { registerSearchAttributes } from '../../src/search-attributes.ts';
import { startFakeWorld, type FakeWorld, type WorldPlace } from '../support/fake-world.ts';
import { startShortRunServer } from '../support/short-run-server.ts';
import { HISTORIES, historyTexts } from './history.ts';
import type { Play, Session } from './play.ts';
import { PLAYS } from './plays.ts';

/** More than any play needs but the one that is to continue as new. */
const CONTINUE_AT_EVENTS = 170;
const INTERRUPTED = 130;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => PLAYS[name] === undefined);
  if (unknown.length > 0) {
    say(`Expected names out of ${Object.keys(PLAYS).join(', ')}; got ${unknown.join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-record-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Temporal's own answer to a signal is to end the workers, which would leave us waiting for the session.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(INTERRUPTED));
  const server = await startShortRunServer(CONTINUE_AT_EVENTS);
  try {
    const place = { address: server.address, workflowBundlePath: await bundle(folder) };
    for (const [name, play] of Object.entries(PLAYS)) {
      if (names.length === 0 || names.includes(name)) keep(name, await record(place, name, play));
    }
  } finally {
    await server.stop();
  }
}

async function bundle(folder: string): Promise<string> {
  const path = join(folder, 'workflow-bundle.js');
  const workflowsPath = join(packageRoot(), 'workflows', 'index.ts');
  writeFileSync(path, (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') })).code);
  return path;
}

/** Plays one session to its end; the histories of its runs. */
async function record(place: WorldPlace, name: string, play: Play): Promise<string[]> {
  const searchAttributes: string[] = [];
  const session = (): Session => world.client.workflow.getHandle(name);
  // As in the product, sessions make their state searchable: that costs events.
  const contract: FakeWorld['contract'] = (id) => ({ ...world.contract(id), searchAttributes });
  const open = async (input: { readonly session: string }) => contract(input.session);
  const world: FakeWorld = await startFakeWorld(place, { activities: { open, ...play.world?.(session, contract) } });
  try {
    const { workflow, options } = world.client;
    const connection = await NativeConnection.connect({ address: place.address });
    searchAttributes.push(...(await registerSearchAttributes(connection, options.namespace)));
    await connection.close();
    const args = play.input === undefined ? [] : [play.input];
    const started = await workflow.start('researchSession', { workflowId: name, taskQueue: CONTROL_QUEUE, args });
    await play.person?.(session());
    await started.result().catch(() => {}); // some end by a cancellation or a refusal: that is what they show
    return await historyTexts(world.client, name, started.firstExecutionRunId);
  } finally {
    await world.stop();
  }
}

/** Writes the histories in place of those that this play had. */
function keep(name: string, texts: readonly string[]): void {
  mkdirSync(HISTORIES, { recursive: true });
  const before = readdirSync(HISTORIES).filter((file) => file.replace(/(-run-\d+)?\.json$/, '') === name);
  for (const file of before) rmSync(join(HISTORIES, file));
  for (const [index, text] of texts.entries()) {
    const file = texts.length === 1 ? `${name}.json` : `${name}-run-${index + 1}.json`;
    writeFileSync(join(HISTORIES, file), text);
    say(`${file}: ${Math.ceil(text.length / 1000)} kB`);
  }
}

await main(process.argv.slice(2));
