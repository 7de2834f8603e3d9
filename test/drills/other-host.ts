// Another host that shares a product's server: a state directory of its own, as another machine has.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot, stateDirectory } from '../../src/config.ts';
import { killTrial, liveTrials } from '../../src/trainer/sweep.ts';
import { startCommand, type Product, type SessionShape } from '../support/product.ts';

/** For a product's environment: a host that says nothing for this long is taken for lost. */
export const HOST_LOST_SOON = { AUTORESEARCH_HOST_LOST_SECONDS: '2' };

/** What a test does to the other host. */
export interface OtherHost {
  readonly home: string;
  readonly hostId: () => string;
  /** Its trials that live. */
  readonly live: () => ReturnType<typeof liveTrials>;
  /** Starts its device worker. */
  readonly worker: (address: string) => ReturnType<typeof startWorker>;
  /** Ends what lives there. */
  readonly clear: () => Promise<void>;
}

/** The other host of a product, in the product's folder. */
export function otherHost(product: Product): OtherHost {
  const home = join(product.folder, 'there');
  mkdirSync(home);
  const live = () => liveTrials(stateDirectory({ AUTORESEARCH_HOME: home }).trials);
  return {
    home,
    hostId: () => readFileSync(join(home, 'home-id'), 'utf8').trim(),
    live,
    worker: (address) => startWorker(product, { AUTORESEARCH_HOME: home, TEMPORAL_ADDRESS: address }),
    clear: async () => {
      for (const { directory } of live()) await killTrial(directory);
    },
  };
}

const program = join(packageRoot(), 'bin/autoresearch.js');

function startWorker({ env, folder }: Product, own: Readonly<Record<string, string>>) {
  const options = { cwd: folder, env: { ...env, ...own }, reject: false, stdin: 'ignore' } as const;
  return execa('node', [program, 'worker', 'gpu'], options);
}

/** Starts a session as `Product.start` does, but brings no worker back for it. */
export async function startServiceless(
  { env, repo }: Product,
  session: string,
  shape: SessionShape,
  ...more: readonly string[]
): Promise<void> {
  const options = { cwd: repo, env: { ...env, AUTORESEARCH_UP: 'off' }, stdin: 'ignore' } as const;
  await execa('node', [program, ...startCommand(session, shape), ...more], options);
}

/** From now on nobody trains here, and nobody brings the device worker back. */
export function noDeviceHere(product: Product): void {
  for (const name of ['watchdog', 'device-worker']) process.kill(product.services()[name] ?? 0, 'SIGKILL');
}
