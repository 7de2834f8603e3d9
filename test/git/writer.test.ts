import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { withWriter } from '../../src/git/writer.ts';
import { newFolder } from './sandbox.ts';

const HOLDER = `
import { withWriter } from ${JSON.stringify(new URL('../../src/git/writer.ts', import.meta.url).href)};
await withWriter(process.argv[1], async () => { console.log('held'); await new Promise((end) => setTimeout(end, 3600_000)); });
`;

const holders: ChildProcess[] = [];
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL');
});

/** Another process that holds the writer lock until it is killed. */
async function startHolder(clone: string) {
  const args = ['--import', 'tsx', '--input-type=module', '-e', HOLDER, clone];
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  holders.push(holder);
  await once(holder.stdout, 'data');
  return holder;
}

describe('withWriter', () => {
  it('lets one work at a time, in the order of asking, and goes on after a failure', async () => {
    const clone = join(await newFolder(), 'a.git');
    const events: string[] = [];
    const work = (name: string) =>
      withWriter(clone, async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} ends`);
        if (name === 'one') throw new Error('one fails');
        return name;
      });
    const results = await Promise.allSettled(['one', 'two', 'three'].map(work));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(events).toEqual(['one', 'two', 'three'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('waits for a holder in another process, and gets the lock when that is killed', async () => {
    const clone = join(await newFolder(), 'a.git');
    const holder = await startHolder(clone);
    let held = false;
    const mine = withWriter(clone, async () => {
      held = true;
    });
    // A second holder of another clone takes far longer to start than a free lock to be had.
    await startHolder(join(await newFolder(), 'b.git'));
    expect(held).toBe(false);
    holder.kill('SIGKILL');
    await mine;
    expect(held).toBe(true);
  });

  it("waits for the dead holder's git that is still writing", async () => {
    const clone = join(await newFolder(), 'a.git');
    let child: ChildProcess | undefined;
    await withWriter(clone, async ({ lock }) => {
      child = spawn('cat', [], { stdio: ['pipe', 'ignore', 'ignore', lock] });
      await once(child, 'spawn');
    });
    let held = false;
    const mine = withWriter(clone, async () => {
      held = true;
    });
    await startHolder(join(await newFolder(), 'b.git'));
    expect(held).toBe(false);
    child?.stdin?.end();
    await mine;
  });

  it('removes the lock files and half-written packs of the dead, and nothing else', async () => {
    const clone = join(await newFolder(), 'a.git');
    const files = ['packed-refs', 'refs/heads/autoresearch/night', 'objects/info/alternates'];
    for (const file of files) {
      await mkdir(join(clone, file, '..'), { recursive: true });
      for (const end of ['', '.lock']) await writeFile(join(clone, `${file}${end}`), '');
    }
    await writeFile(join(clone, 'packed-refs.new'), ''); // as good as a lock: no other git gets past it
    await mkdir(join(clone, 'objects/pack'));
    for (const name of ['fast_import_crash_17', 'objects/pack/tmp_pack_a1', 'objects/pack/pack-17.pack'])
      await writeFile(join(clone, name), '');
    await withWriter(clone, async () => undefined);
    for (const file of [...files, 'objects/pack/pack-17.pack']) await access(join(clone, file));
    expect((await readdir(clone, { recursive: true })).filter((name) => /crash|tmp_/.test(name))).toEqual([]);
    expect((await readdir(clone, { recursive: true })).filter((name) => /\.(lock|new)$/.test(name))).toEqual([]);
  });
});
