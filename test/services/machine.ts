// What else is there on the machine that services run on.
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** The pids of the servers of a state directory. */
export function serversIn(root: string): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return (
        readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`start-dev`) &&
        readFileSync(`/proc/${name}/environ`, 'utf8').includes(root)
      );
    } catch {
      return false;
    }
  });
}

/** Takes the port as soon as the kernel has given it back; one that somebody else keeps is taken too. */
export async function takePort(port: number): Promise<Server> {
  const server = createServer();
  for (let tries = 0; tries < 100 && !server.listening; tries += 1) {
    await new Promise<void>((resolve) => {
      server.once('error', () => setTimeout(resolve, 20));
      server.listen(port, '127.0.0.1', resolve);
    });
  }
  return server;
}
