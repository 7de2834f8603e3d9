import { afterEach, describe, expect, it, vi } from 'vitest';
import { git, GitError } from '../../src/git/git.ts';
import { MachineNotReady } from '../../src/machine.ts';
import { porcelain } from '../../src/git/porcelain.ts';
import { newFolder, newRepo } from './sandbox.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('git', () => {
  it('tells command, exit code and reason of a failure in one sentence, without credentials', async () => {
    const folder = await newFolder();
    const error: unknown = await git(folder, ['status']).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GitError);
    expect(error).toMatchObject({ command: 'git status', exitCode: 128 });
    expect(String(error)).toMatch(/^GitError: git status failed \(exit 128\): not a git repository[^\n]*$/);
    const url = 'https://me:secret@127.0.0.1:1/x.git';
    const other: unknown = await git(folder, ['ls-remote', url]).catch((thrown: unknown) => thrown);
    expect(String(other)).toContain('127.0.0.1');
    expect(JSON.stringify(other) + String(other)).not.toContain('secret');
  });

  it('says what to install when git is not there, and not when only the folder is missing', async () => {
    const folder = await newFolder();
    await expect(git(`${folder}/nothere`, ['version'])).rejects.toThrow(GitError);
    vi.stubEnv('PATH', folder);
    await expect(git('/', ['version'])).rejects.toThrow(MachineNotReady);
    await expect(git('/', ['version'])).rejects.toThrow(
      'Expected `git` 2.38 or newer, got none on the PATH; install git',
    );
  });

  it('hands no key of the worker to git, by either road', async () => {
    vi.stubEnv('SOME_API_KEY', 'secret');
    vi.stubEnv('GIT_DIR', '/nowhere');
    vi.stubEnv('GIT_SSH_COMMAND', 'ssh -v');
    vi.stubEnv('EDITOR', 'vi');
    const repo = await newRepo();
    const alias = ['-c', 'alias.show-env=!env', 'show-env'];
    expect(await git(repo, alias)).not.toContain('secret');
    expect(await git(repo, alias)).toContain('GIT_SSH_COMMAND=ssh -v');
    expect((await porcelain(repo).log()).total).toBe(1);
  });

  it('takes and gives text of any size unchanged', async () => {
    const repo = await newRepo();
    const input = 'ü\r\n'.repeat(500_000);
    const blob = await git(repo, ['hash-object', '-w', '--stdin'], { input });
    expect(`${await git(repo, ['cat-file', 'blob', blob])}\n`).toBe(input);
  });
});
