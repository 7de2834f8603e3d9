import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BUNDLED_TASK, bundledRepo } from '../../src/bundled.ts';
import { stateDirectory } from '../../src/config.ts';
import { InvalidInput } from '../../src/domain/invalid-input.ts';
import type { SessionListing } from '../../src/feed.ts';
import { fakeFeed, fakeServices, run } from './fakes.ts';
import { asked, git, good, repoWith, root, runWith, started } from './start-support.ts';

/** Services of a person who has a Temporal server of their own. */
const serviceControl = async () => ({
  ...fakeServices(asked),
  services: async () => ({ embedded: false, processes: [] }),
});

describe('start', () => {
  test('starts the repo named, under the id <task>-<mmmdd>, at the commit that it names', async () => {
    const repo = good();
    const { code, out, err } = await runWith(['start', repo, '--experiments', '3', '--detach']);
    expect([code, out]).toEqual([0, 'my-net-nov23\n']);
    expect(started).toEqual([['my-net-nov23', { repo, experiments: 3 }]]);
    expect(asked).toEqual(['bootstrap']);
    expect(err).toContain(`Starting task my net of ${repo} at commit ${git(repo, 'rev-parse', '--short=7', 'HEAD')}.`);
    expect(err).toContain(`Sessions may now run commands out of ${repo} on this machine.`);
    expect(err).toContain('npx autoresearch watch my-net-nov23');
    expect(err).not.toContain('uncommitted');
    const { allowed } = stateDirectory();
    expect(JSON.parse(readFileSync(allowed, 'utf8'))).toContain(repo);
    expect(statSync(allowed).mode & 0o777).toBe(0o600);
  });

  test('names the uncommitted changes that the session does not see', async () => {
    const repo = good();
    writeFileSync(join(repo, 'train.py'), 'A = 2\n');
    writeFileSync(join(repo, 'notes.txt'), 'x');
    const { err } = await runWith(['start', repo, '--detach']);
    expect(err).toContain('It does not see 2 uncommitted changes: train.py, notes.txt');
    expect(git(repo, 'status', '--porcelain')).toBe('M train.py\n?? notes.txt');
  });

  test('without a repo it takes the one around here, in a folder below too', async () => {
    const repo = good();
    mkdirSync(join(repo, 'below'));
    await runWith(['start', '--detach'], { cwd: join(repo, 'below') });
    expect(started).toEqual([['my-net-nov23', { repo }]]);
  });

  test('away from any task file it takes the bundled task, and says so', async () => {
    const { err } = await runWith(['start', '--detach']);
    const repo = await bundledRepo(stateDirectory().repos);
    expect(started).toEqual([[expect.stringMatching(/^byte-lm-nov23/), { repo, task: BUNDLED_TASK }]]);
    expect(err).toContain('Starting the bundled task byte-lm at commit ');
  });

  test('in a repo of one’s own that has no task it says so, in a folder below too, and starts nothing', async () => {
    const repo = repoWith({ 'below/notes.md': 'ideas\n' });
    for (const cwd of [repo, join(repo, 'below')]) {
      const { code, err } = await runWith(['start', '--detach'], { cwd });
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(/^Expected a task file autoresearch\.yaml in the repo at /),
      ]);
    }
    expect([started, asked]).toEqual([[], []]);
  });

  test('takes the next free id, also when somebody else is faster', async () => {
    const repo = good();
    const listing = { session: 'my-net-nov23', status: 'open', task: 'my net', repo, startedAt: '' };
    const sessions: SessionListing[] = [{ ...listing, source: 'temporal' }];
    let tries = 0;
    const start = (): void => {
      if (tries++ === 0) throw new InvalidInput('taken');
    };
    const { out } = await runWith(['start', repo, '--json'], { sessions, start });
    expect(JSON.parse(out)).toEqual({ session: 'my-net-nov23-3' });
    const taken = await runWith(['start', repo, '--id', 'my-net-nov23'], { sessions });
    expect([taken.code, taken.err.split('\n').at(-2)]).toEqual([
      2,
      'Expected `--id` to be free, got my-net-nov23, which is taken.',
    ]);
  });

  test('options win over --input, and a file may hold it', async () => {
    const repo = good();
    const file = join(root, 'input.json');
    writeFileSync(file, '{"experiments": 5, "seed": 1}');
    await runWith(['start', repo, '--detach', '--input', `@${file}`, '--seed', '2']);
    expect(started).toEqual([['my-net-nov23', { repo, experiments: 5, seed: 2 }]]);
  });

  test('follows the session unless told not to', async () => {
    const { code, out } = await runWith(['start', good()]);
    expect(code).toBe(0);
    expect(out).toContain('byte-lm-nov23 · done');
  });

  test('a server of the person that does not answer is exit 4, before anything is started', async () => {
    process.env['TEMPORAL_ADDRESS'] = 'localhost:1';
    try {
      const { code, err } = await run(['start', good()], {
        openFeed: async () => fakeFeed({ theirs: 'localhost:1' }),
        serviceControl,
      });
      expect([code, asked]).toEqual([4, []]);
      expect(err).toContain('Expected a Temporal server at TEMPORAL_ADDRESS localhost:1, got no answer');
    } finally {
      delete process.env['TEMPORAL_ADDRESS'];
    }
  });
});
