// Ports that a server finds again: those that `up` takes by itself are anybody's as soon as it is killed.
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { stateDirectory } from '../../src/config.ts';

const FIRST = 10_000;
/** Three each, below those that programs get at random. */
const TRIPLES = 6_000;

/** Has the server of a new state directory begin on ports that no other test takes while it is dead. */
export function writeOwnPorts(home: string): void {
  const grpc = FIRST + 3 * randomInt(TRIPLES);
  const note = { format: 1, ports: { grpc, ui: grpc + 1, http: grpc + 2 }, processes: [] };
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(stateDirectory({ AUTORESEARCH_HOME: home }).services, JSON.stringify(note));
}
