// A real browser for the tests and pictures of the Temporal Web UI. It talks to this machine alone.
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a Chromium: CHROMIUM_PATH, else the first on the PATH; undefined where there is none. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const { CHROMIUM_PATH: wanted, PATH: path = '' } = environment;
  if (wanted !== undefined && wanted !== '') return wanted;
  return NAMES.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// The UI asks for a news feed, the browser for its updates: neither may leave this machine.
const ARGUMENTS = [
  '--no-sandbox', // it refuses to run as root with one, and sees nothing but our own server
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** A browser with a profile of its own, and how to end both. */
export interface Chromium {
  readonly context: BrowserContext;
  readonly close: () => Promise<void>;
}

/** Starts the Chromium at `path` without a window. */
export async function openChromium(path: string, size = { width: 1200, height: 1700 }): Promise<Chromium> {
  const folder = mkdtempSync(join(tmpdir(), 'autoresearch-chromium-'));
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: path,
    headless: true,
    args: ARGUMENTS,
    viewport: size,
    timezoneId: 'UTC',
    env: { ...process.env, HOME: folder }, // it writes crash reports there
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
