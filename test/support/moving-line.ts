import type { Activities } from '../../activities/contract.ts';

/** Somebody moves the kept line to `theirs` while a keep is on its way to it. */
export function movingLine(): Pick<Activities, 'commit' | 'propose'> {
  const moved = { kind: 'moved', expected: 'base', found: 'theirs' } as const;
  let seen = false;
  return {
    commit: async ({ tip }) => {
      if (tip !== 'base') return { kind: 'committed', tip };
      seen = true;
      return moved;
    },
    propose: async ({ experiment, base }) =>
      seen && base === 'base'
        ? moved
        : { kind: 'proposal', candidate: `c${experiment}`, base, hypothesis: `idea ${experiment}` },
  };
}
