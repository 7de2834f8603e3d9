// The supervisor's program: `node supervisor.mjs <trial directory> <ticket>`. Started detached, in its own process
// session, by a worker that it outlives. Its output goes to supervisor.log in the trial's directory.
import { supervise } from './supervise.ts';
import { directoryAt } from './trial-directory.ts';

const [root, ticket] = process.argv.slice(2);
if (root === undefined || ticket === undefined) throw new Error('Expected two arguments: trial directory, ticket.');

const terminated = new AbortController();
process.on('SIGTERM', () => terminated.abort());
// A closed terminal or a Ctrl-C is meant for somebody else.
process.on('SIGHUP', () => undefined);
process.on('SIGINT', () => undefined);

const end = await supervise(directoryAt(root), ticket, terminated.signal);
process.stdout.write(`${new Date().toISOString()} ${end}\n`);
process.exit(0);
