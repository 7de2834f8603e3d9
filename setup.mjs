// Runs before `npm start`, `npm test`, `npm run check` and `npm run bench`: installs the node packages when they are
// missing or older than the lock file, and builds dist/ when the sources are newer. Needs nothing but Node, and does
// nothing in a few milliseconds when all is there.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from './bin/built.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const say = (text) => process.stderr.write(`${text}\n`);
const end = (text) => {
  say(text);
  process.exit(1);
};

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  end(
    `Expected Node 20.19 or newer, got ${process.versions.node}; install it from https://nodejs.org and start again.`,
  );
}

// npm writes the marker last, so an installation that was interrupted has none and is done again.
const lock = join(root, 'package-lock.json');
const marker = join(root, 'node_modules', '.package-lock.json');
const isCurrent = !existsSync(lock) || (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs);
if (!isCurrent) await install();
if (existsSync(join(root, 'src')) && !isBuilt(root)) build();

// Without it everything still runs from the sources, only slower.
function build() {
  say('Building dist/ from the sources (some seconds) …');
  const { status } = spawnSync(process.execPath, [join(root, 'bin', 'build.mjs')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) say('The build failed; going on with the sources as they are.');
}

async function install() {
  // npm empties node_modules before it installs: through a link it would empty somebody else's.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    end(
      `Expected ${join(root, 'node_modules')} to be a folder, got a link to another one; remove the link and start again.`,
    );
  }
  say('Setting up: installing the node packages of package-lock.json (470 MB; about 20 s) …');
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0);
  const offline = isOutOfReach();
  if (offline) say('  the package registry is out of reach; trying what npm has kept on this machine …');
  const ticking = setInterval(() => say(`  … ${seconds()} s`), 5000);
  // Development packages too, also under NODE_ENV=production: the sources run through one of them.
  const how = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error', ...(offline ? ['--offline'] : [])];
  const code = await new Promise((done) => {
    const child = spawn('npm', how, { cwd: root, stdio: ['ignore', 2, 2] });
    child.once('error', () => done(127));
    child.once('exit', (exit, signal) => done(signal === null ? exit : 128));
  });
  clearInterval(ticking);
  if (code === 0) {
    say(`Installed the node packages in ${seconds()} s.`);
    return;
  }
  const reason = offline
    ? 'The package registry did not answer and npm had not kept every package.'
    : 'npm failed as shown above.';
  end(`Tried \`npm ${how.join(' ')}\` in ${root}; it exited with ${code}. ${reason}
By hand: see that \`npm ping\` answers (network, proxy, \`npm config get registry\`), run \`npm ci --include=dev\` there, then start again.`);
}

// One quick question instead of minutes of npm's retries. A registry that answers but knows no ping counts as there.
function isOutOfReach() {
  const how = ['ping', '--fetch-retries=0', '--fetch-timeout=8000'];
  const { status, stderr, error } = spawnSync('npm', how, { cwd: root, encoding: 'utf8', timeout: 15_000 });
  if (error?.code === 'ENOENT')
    end('Expected the command `npm`, got none on the PATH; install Node with npm and start again.');
  const code = /code (\w+)/.exec(stderr ?? '')?.[1] ?? '';
  return (
    error?.code === 'ETIMEDOUT' ||
    (status !== 0 && /^(E(NOTFOUND|AI_AGAIN|CONN\w+|TIMEDOUT|HOSTUNREACH|NETUNREACH)|ERR_SOCKET\w*)$/.test(code))
  );
}
