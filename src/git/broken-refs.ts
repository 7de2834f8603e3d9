// Refs that are there and name no commit: a file cut short when the machine went down, or a commit that the disk lost.
// Git passes over the first kind with a warning, so that its session would look as if it had never been, and refuses
// every fetch into a repo that has either.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { git, gitSaying } from './git.ts';

/** Thrown for a ref that is lost or broken; the text names it and says what to do. */
export class BrokenRef extends Error {
  override readonly name = 'BrokenRef';
  readonly ref: string;

  constructor(ref: string, message: string) {
    super(message);
    this.ref = ref;
  }
}

/** A ref that names no commit, and what it has instead. */
export interface Broken {
  readonly ref: string;
  readonly found: string;
}

/** The broken refs among those that begin with any of these names; among all without one. */
export async function brokenRefs(directory: string, ...names: readonly string[]): Promise<readonly Broken[]> {
  const format = '--format=%(refname) %(objectname)';
  const { text, warnings } = await gitSaying(directory, ['for-each-ref', format, ...names]);
  const refs = text.split('\n').flatMap((line) => {
    const [ref, object] = line.split(' ');
    return ref === undefined || object === undefined ? [] : [{ ref, object }];
  });
  const input = refs.map(({ object }) => `${object}\n`).join('');
  const objects = (await git(directory, ['cat-file', '--batch-check'], { input })).split('\n');
  const lost = refs.flatMap(({ ref, object }, k) =>
    objects[k]?.endsWith(' missing') === true ? [{ ref, found: `${object}, which git does not have` }] : [],
  );
  return [...brokenIn(warnings), ...lost];
}

/** The refs that git passed over because it could not read them, out of what it said. */
export const brokenIn = (warnings: string): readonly Broken[] =>
  [...warnings.matchAll(/ignoring (?:broken|dangling) ref (\S+)/g)].flatMap(([, ref]) =>
    ref === undefined ? [] : [{ ref, found: 'something that git cannot read' }],
  );

/** The error for a ref that should name a commit, and does not. */
export async function lostRef(directory: string, ref: string): Promise<BrokenRef> {
  const broken = (await brokenRefs(directory, ref)).find((one) => one.ref === ref);
  const origin = await git(directory, ['config', 'autoresearch.origin']).catch(() => 'origin');
  const remove = existsSync(join(directory, ref))
    ? `rm ${join(directory, ref)}`
    : `git -C ${directory} update-ref -d ${ref}`;
  const steps = [
    ...(broken === undefined ? [] : [`Remove it: \`${remove}\`.`]),
    `Bring what the origin has of it: \`git -C ${directory} fetch ${origin} ${ref}:${ref}\`.`,
    'Then resume.',
  ];
  const found = broken?.found ?? 'nothing';
  return new BrokenRef(ref, `Expected ${ref} in ${directory} to name a commit, got ${found}. ${steps.join(' ')}`);
}
