import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { networkEnvironment, trialEnvironment } from '../../src/trainer/environment.ts';
import { directoryAt } from '../../src/trainer/trial-directory.ts';
import { testFolder } from './support.ts';

const secrets = {
  ANTHROPIC_API_KEY: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_PROFILE: 'secret',
  HF_TOKEN: 'secret',
  GITHUB_TOKEN: 'secret',
  TEMPORAL_API_KEY: 'secret',
  DATABASE_URL: 'postgres://me:secret@host/db',
  SSH_AUTH_SOCK: '/secret',
  NODE_OPTIONS: '--require /secret',
  PYTHONPATH: '/secret',
  LD_PRELOAD: '/secret.so',
  PIP_INDEX_URL: 'https://me:secret@index',
};

const directory = directoryAt(join(testFolder, 'trials/s/1/1'));
const make = (workerEnv: NodeJS.ProcessEnv, env = '/nowhere'): Readonly<Record<string, string>> =>
  trialEnvironment({
    workerEnv,
    trial: 's/1/1',
    seed: 7,
    seconds: 6,
    data: '/data',
    directory,
    env,
    device: { id: 'gpu1', class: 'a', env: { CUDA_VISIBLE_DEVICES: 'GPU-1' } },
  });

test('no key of the worker reaches a training', () => {
  const made = make({ ...secrets, PATH: '/bin' });
  expect(JSON.stringify(made)).not.toContain('secret');
  for (const name of Object.keys(secrets)) expect(made).not.toHaveProperty(name);
});

test('a training gets what it needs to run and what it is asked for, and nothing else', () => {
  const made = make({
    PATH: '/bin',
    LANG: 'C.UTF-8',
    LC_ALL: 'C',
    TZ: 'UTC',
    CUDA_HOME: '/cuda',
    EDITOR: 'vi',
    HOME: '/me',
  });
  expect(made).toMatchObject({ PATH: '/bin', LANG: 'C.UTF-8', LC_ALL: 'C', TZ: 'UTC', CUDA_HOME: '/cuda' });
  expect(made).toMatchObject({
    AUTORESEARCH_TRIAL: 's/1/1',
    AUTORESEARCH_SEED: '7',
    AUTORESEARCH_SECONDS: '6',
    AUTORESEARCH_OUT: directory.out,
    AUTORESEARCH_DATA: '/data',
    CUDA_VISIBLE_DEVICES: 'GPU-1',
    HOME: directory.home,
    TMPDIR: directory.tmp,
  });
  expect(made).not.toHaveProperty('EDITOR');
});

test('the prepared environment comes first in PATH', () => {
  const env = join(testFolder, 'env');
  mkdirSync(join(env, 'bin'), { recursive: true });
  expect(make({ PATH: '/bin' }, env)['PATH']).toBe(`${env}/bin:/bin`);
});

test("the worker's own limit of threads holds", () => {
  expect(make({ OMP_NUM_THREADS: '3' })).toMatchObject({ OMP_NUM_THREADS: '3', OPENBLAS_NUM_THREADS: '3' });
});

test("preparing gets the machine's way into the network, but no password of its own name", () => {
  const made = networkEnvironment({ ...secrets, https_proxy: 'http://proxy', PIP_PASSWORD: 'secret', HOME: '/me' });
  expect(made).toEqual({
    https_proxy: 'http://proxy',
    PIP_INDEX_URL: 'https://me:secret@index',
    XDG_CACHE_HOME: '/me/.cache',
  });
});

test('TMPDIR is short enough for a Unix socket below it', () => {
  const deep = directoryAt(join('/', 'a'.repeat(80), '12/3'));
  expect(deep.tmp.length).toBeLessThan(75);
  expect(deep.tmp).toBe(directoryAt(deep.root).tmp);
});
