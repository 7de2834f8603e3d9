import { expect, test } from 'vitest';
import { unitEnvironment } from '../../src/services/systemd-environment.ts';

const given = (shell: NodeJS.ProcessEnv) => unitEnvironment(shell, '/state').environment;

test('passes on what the services and trainings may see, in order, and the state directory', () => {
  const shell = {
    PATH: '/opt/bin:/bin',
    HOME: '/home/me',
    CUDA_VISIBLE_DEVICES: '',
    TEMPORAL_NAMESPACE: 'lab',
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    https_proxy: 'http://proxy:3128',
    EDITOR: 'ed',
    AUTORESEARCH_HOME: 'relative',
  };
  expect(Object.entries(given(shell))).toEqual([
    ['AUTORESEARCH_HOME', '/state'],
    ['CUDA_VISIBLE_DEVICES', ''],
    ['PATH', '/opt/bin:/bin'],
    ['TEMPORAL_ADDRESS', 'temporal.example:7233'],
    ['TEMPORAL_NAMESPACE', 'lab'],
    ['https_proxy', 'http://proxy:3128'],
  ]);
});

test('writes no key into a unit, and names those that are missing there', () => {
  const shell = {
    ANTHROPIC_API_KEY: 'a',
    ANTHROPIC_MODEL: 'm',
    ANTHROPIC_BASE_URL: 'https://models.example',
    TEMPORAL_API_KEY: 'b',
    TEMPORAL_TLS_CLIENT_KEY_DATA: 'c',
    TEMPORAL_TLS_CLIENT_KEY_PATH: '/key.pem',
    TEMPORAL_GRPC_META_AUTHORIZATION: 'd',
  };
  expect(unitEnvironment(shell, '/state')).toEqual({
    environment: {
      ANTHROPIC_BASE_URL: 'https://models.example',
      ANTHROPIC_MODEL: 'm',
      AUTORESEARCH_HOME: '/state',
      TEMPORAL_TLS_CLIENT_KEY_PATH: '/key.pem',
    },
    leftOut: [
      'ANTHROPIC_API_KEY',
      'TEMPORAL_API_KEY',
      'TEMPORAL_TLS_CLIENT_KEY_DATA',
      'TEMPORAL_GRPC_META_AUTHORIZATION',
    ],
  });
});
