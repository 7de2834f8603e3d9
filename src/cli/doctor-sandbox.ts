// What tier this machine gives, found by running its sandbox, and what a person can do for a better one.
import { existsSync, readFileSync } from 'node:fs';
import type { SandboxProbe } from '../trainer/sandbox-probe.ts';

/** What keeps a sandbox from being made, as the system tells it. */
export interface Hindrances {
  /** The settings of /proc/sys that decide; absent where the kernel has none of that name. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly isContainer: boolean;
}

/** In the order in which the kernel asks them. Each with the value that forbids. */
const FORBIDDING = [
  ['user.max_user_namespaces', '0', '10000'],
  ['kernel.unprivileged_userns_clone', '0', '1'],
  ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
] as const;

/** Reads them off this machine. */
export function readHindrances(): Hindrances {
  const isContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return { settings: Object.fromEntries(FORBIDDING.map(([name]) => [name, readSetting(name)])), isContainer };
}

function readSetting(name: string): string | undefined {
  const path = `/proc/sys/${name.replaceAll('.', '/')}`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** The tier, in words, and how to get tier A; the advice is empty where it is there. Pure. */
export function tierAdvice(probe: SandboxProbe, hindrances: Hindrances): { found: string; advice: string } {
  const { sandbox, trouble } = probe;
  if (sandbox === 'bubblewrap') return { found: 'tier A: candidates run in bubblewrap', advice: '' };
  const instead =
    sandbox === 'unshare'
      ? 'tier B: candidates run without a network (unshare), but see your files'
      : 'tier B: candidates run without a sandbox';
  return { found: `${instead} (${trouble})`, advice: adviceFor(trouble, hindrances) };
}

function adviceFor(trouble: string, { settings, isContainer }: Hindrances): string {
  if (trouble.startsWith('no bwrap')) return 'install bubblewrap for tier A';
  const found = FORBIDDING.find(([name, forbidden]) => settings[name] === forbidden);
  if (found !== undefined) {
    const [name, , allowed] = found;
    const profile = name.includes('apparmor') ? ', or give bwrap an AppArmor profile with `userns,`' : '';
    return `for tier A let bwrap make user namespaces: \`sudo sysctl -w ${name}=${allowed}\`${profile}`;
  }
  return isContainer
    ? 'for tier A start the container with `--security-opt` seccomp=unconfined, apparmor=unconfined and systempaths=unconfined'
    : 'for tier A let this user run bwrap';
}
