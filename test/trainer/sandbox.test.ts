// What a hostile command reaches in the sandbox: files, network, other processes. It writes what it found into its `out`.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bubblewrapOptions } from '../../src/trainer/sandbox.ts';
import { data, findings, hasBubblewrap, kinds, person, searchSecrets } from './sandboxed.ts';
import { testFolder } from './support.ts';

const text = JSON.stringify;

test.skipIf(!hasBubblewrap)('reads no key, nothing hidden, no home of the person (needs bubblewrap)', async () => {
  const open = join(testFolder, 'elsewhere');
  mkdirSync(open, { recursive: true });
  writeFileSync(join(open, 'note'), 'SECRET');
  expect(await findings(searchSecrets(testFolder))).toEqual([]);
  expect(await findings(`found = open(${text(join(data, 'train/text'))}).read()`)).toBe('to learn from');
});

test.skipIf(!hasBubblewrap)('what is hidden stays so for one who is root there (needs bubblewrap)', async () => {
  const holdout = join(data, 'holdout');
  const program = `
for command in [["umount", ${text(holdout)}], ["umount", "-l", ${text(data)}]]:
    subprocess.run(command, stderr=subprocess.DEVNULL)
    subprocess.run(["unshare", "-Urm", *command], stderr=subprocess.DEVNULL)
script = 'umount ${holdout}; mount --rbind ${data} "$AUTORESEARCH_OUT"; umount "$AUTORESEARCH_OUT"/holdout; grep -rl SECRET ${data} "$AUTORESEARCH_OUT"'
for command in [["bash", "-c", script], ["unshare", "-Urm", "bash", "-c", script]]:
    found += subprocess.run(command, stderr=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout.split()
${searchSecrets(testFolder)}`;
  expect(await findings(program)).toEqual([]);
});

test.skipIf(!hasBubblewrap)('writes in its own folders alone (needs bubblewrap)', async () => {
  const places = [data, join(data, 'train'), join(data, 'holdout'), '/usr', '/etc', '/', '/root', testFolder, person];
  const program = `
trial = os.path.dirname(os.environ["AUTORESEARCH_OUT"])
for place in [*${text(places)}, trial]:
    try: open(place + "/theirs", "w"); found.append(place)
    except OSError: pass
for place in [os.getcwd(), os.environ["AUTORESEARCH_OUT"], os.environ["HOME"], os.environ["TMPDIR"], "/tmp", "/dev/shm"]:
    open(place + "/mine", "w").write("x")`;
  expect(await findings(program)).toEqual([]);
  expect(readdirSync(testFolder)).not.toContain('theirs');
});

const optionsFor = (id: string): string[] =>
  bubblewrapOptions(
    { sandbox: 'bubblewrap', isSized: true },
    { env: {}, device: { id }, state: testFolder, read: [], write: [], hidden: [] },
  );

test('shows what a GPU’s driver has to a GPU alone, not to the CPU or a part of it', () => {
  const seen = ['gpu0', 'cpu', 'cpu0', 'cpu12'].filter((id) => optionsFor(id).includes('/sys/bus'));
  expect(seen).toEqual(['gpu0']);
});

test.skipIf(!hasBubblewrap)('changes no setting of the kernel, as root neither (needs bubblewrap)', async () => {
  const search = `
import os
for top in os.listdir("/proc"):
    if top.isdigit() or os.path.islink("/proc/" + top): continue
    places = [(folder, files) for folder, _, files in os.walk("/proc/" + top)] or [("/proc", [top])]
    for path in [os.path.join(folder, name) for folder, files in places for name in files]:
        try: os.close(os.open(path, os.O_WRONLY)); print(path)
        except OSError: pass`;
  const program = `
for around in [[], ["unshare", "-Urm"], ["unshare", "-Urmpf", "--mount-proc"]]:
    command = [*around, "python3", "-c", ${text(search)}]
    found += subprocess.run(command, stderr=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout.split()`;
  expect(await findings(program)).toEqual([]);
});

test.skipIf(!hasBubblewrap)('names its own threads, without which CUDA does not start (needs bubblewrap)', async () => {
  const program = `
import threading
def rename():
    open(f"/proc/self/task/{threading.get_native_id()}/comm", "w").write("cuda")
    found.append(open(f"/proc/self/task/{threading.get_native_id()}/comm").read().strip())
thread = threading.Thread(target=rename); thread.start(); thread.join()`;
  expect(await findings(program)).toEqual(['cuda']);
});

test.skipIf(!hasBubblewrap)(
  'sees no other process, and no entry of another environment (needs bubblewrap)',
  async () => {
    process.env['WORKERS_KEY'] = 'SECRET';
    const program = `
pids = [name for name in os.listdir("/proc") if name.isdigit()]
if len(pids) > 8: found.append(pids)
for pid in pids:
    if "SECRET" in open(f"/proc/{pid}/environ").read(): found.append(pid)
try: os.kill(${process.pid}, 0); found.append("the worker")
except ProcessLookupError: pass`;
    try {
      expect(await findings(program)).toEqual([]);
    } finally {
      delete process.env['WORKERS_KEY'];
    }
  },
);

const LISTENS = `
import socket, sys, time
servers = [socket.socket(family) for family in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX)]
for server, place in zip(servers, [("127.0.0.1", 0), sys.argv[1], "\\0" + sys.argv[1]]):
    server.bind(place)
    server.listen()
print(servers[0].getsockname()[1], flush=True)
time.sleep(60)`;
/** TCP on loopback, a Unix socket by its path, one by an abstract name. `unshare` hides no file, so it gives tier B. */
const REACHED = { bubblewrap: [false, false, false], unshare: [false, true, false], none: [true, true, true] };
for (const { kind, has } of [...kinds, { kind: 'none', has: true }] as const) {
  describe.skipIf(!has)(`with sandbox ${kind} (needs it)`, () => {
    test('reaches no network, and a socket of this machine only by its file', async () => {
      const name = join(testFolder, `${kind}.sock`);
      const server = spawn('python3', ['-c', LISTENS, name], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        const port = await new Promise<string>((resolve) =>
          server.stdout.once('data', (line) => resolve(String(line))),
        );
        const program = `
for family, place in [(socket.AF_INET, ("127.0.0.1", ${port.trim()})), (socket.AF_UNIX, "${name}"), (socket.AF_UNIX, "\\0${name}")]:
    try: socket.socket(family).connect(place); found.append(True)
    except OSError: found.append(False)`;
        expect(await findings(program, kind)).toEqual(REACHED[kind]);
      } finally {
        server.kill('SIGKILL');
      }
    });

    test('may talk to its own processes over loopback', async () => {
      const program = `
server = socket.create_server(("127.0.0.1", 0))
found = socket.create_connection(server.getsockname()).getpeername()[0]`;
      expect(await findings(program, kind)).toBe('127.0.0.1');
    });
  });
}
