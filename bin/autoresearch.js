#!/usr/bin/env node
// The command `autoresearch`: runs what was built from the sources, in a clone only while that is current.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isBuilt } from './built.mjs';

const at = (path) => new URL(`../${path}`, import.meta.url);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  fail(
    `Expected Node 20.19 or newer, got ${process.versions.node}; install it from https://nodejs.org and start again.`,
  );
}
const hasSources = existsSync(at('src/cli/main.ts'));
if (!hasSources && !existsSync(at('dist/src/cli/main.js'))) {
  fail(`Expected src/ or dist/ in ${fileURLToPath(at('.'))}, got neither; install the package again.`);
}
try {
  const { main } = await (hasSources && !isBuilt(fileURLToPath(at('.')))
    ? fromSources()
    : import(at('dist/src/cli/main.js').href));
  const code = await main(process.argv.slice(2));
  // Open connections would delay the end; what was written must be out before it, also into a pipe.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  process.exit(code);
} catch (error) {
  const missing = /Cannot find package '([^']+)'/.exec(error?.message ?? '')?.[1];
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || missing === undefined) throw error;
  fail(
    `Expected the node packages of ${fileURLToPath(at('.'))} to be installed, got no ${missing}; run \`npm start\` there, or \`npm ci --include=dev\`.`,
  );
}

async function fromSources() {
  const { register } = await import('tsx/esm/api');
  register();
  return await import(at('src/cli/main.ts').href);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
