// Two kinds of test: those that need nothing but tools, and those that need a Temporal server. The second kind shares
// one dev server and one workflow bundle, which are started only when one of its files runs. Drills that take longer than
// `npm test` has time for are a project of their own, `npm run drill -- --long`: what they put together is tested in its parts.
import { defineConfig } from 'vitest/config';
import { PlainLineReporter } from './test/support/plain-line-reporter.ts';

const NEEDS_SERVER = [
  'activities',
  'cli',
  'client',
  'drills',
  'feed',
  'replay',
  'services',
  'ui',
  'worker',
  'workflows',
];
const SERVER_TESTS = NEEDS_SERVER.flatMap((name) => [`test/${name}/**/*.test.ts`, `test/${name}.test.ts`]);
const LONG = 'test/drills/long/**/*.test.ts';
const NEVER = ['**/node_modules/**', 'test/fixtures/**', LONG];

/** What both kinds have in common. */
const shared = {
  pool: 'forks' as const, // the native Temporal runtime and worker threads have crashed together before
  setupFiles: ['test/support/clean-environment.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

const withServer = { globalSetup: ['test/support/global-setup.ts'] };

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', new PlainLineReporter()],
    projects: [
      { test: { ...shared, name: 'tools', include: ['test/**/*.test.ts'], exclude: [...NEVER, ...SERVER_TESTS] } },
      { test: { ...shared, ...withServer, name: 'server', include: SERVER_TESTS, exclude: NEVER } },
      { test: { ...shared, ...withServer, name: 'long', include: [LONG] } },
    ],
  },
});
