import { expect, it } from 'vitest';
import { readHindrances, tierAdvice } from '../../src/cli/doctor-sandbox.ts';

const denied = { sandbox: 'unshare', isSized: false, trouble: 'bwrap: setting up uid map: Permission denied' } as const;
const none = { settings: {}, isContainer: false };

it('says tier A where bubblewrap works, with nothing to do', () => {
  const probe = { sandbox: 'bubblewrap', isSized: true, trouble: '' } as const;
  expect(tierAdvice(probe, none)).toEqual({ found: 'tier A: candidates run in bubblewrap', advice: '' });
});

it('says what a candidate can do all the same where it does not, and why', () => {
  expect(tierAdvice(denied, none).found).toBe(
    'tier B: candidates run without a network (unshare), but see your files (bwrap: setting up uid map: Permission denied)',
  );
  const nothing = { sandbox: 'none', isSized: false, trouble: 'no bwrap on the PATH' } as const;
  expect(tierAdvice(nothing, none)).toEqual({
    found: 'tier B: candidates run without a sandbox (no bwrap on the PATH)',
    advice: 'install bubblewrap for tier A',
  });
});

it.each([
  ['user namespaces are used up', { 'user.max_user_namespaces': '0' }, 'sysctl -w user.max_user_namespaces=10000'],
  ['Debian forbids them', { 'kernel.unprivileged_userns_clone': '0' }, 'sysctl -w kernel.unprivileged_userns_clone=1'],
  [
    'Ubuntu’s AppArmor does',
    { 'user.max_user_namespaces': '96365', 'kernel.apparmor_restrict_unprivileged_userns': '1' },
    'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or give bwrap an AppArmor profile',
  ],
])('names the setting where %s', (_what, settings, words) => {
  expect(tierAdvice(denied, { settings, isContainer: true }).advice).toContain(words);
});

it('names the options of a container where no setting forbids it', () => {
  expect(tierAdvice(denied, { settings: {}, isContainer: true }).advice).toContain('systempaths=unconfined');
});

it('reads the settings off this machine', () => {
  expect(readHindrances().settings).toHaveProperty(['user.max_user_namespaces']);
});
