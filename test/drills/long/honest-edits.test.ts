// The other side of the red team: edits in good faith, trained and scored as a session does it, raise no flag.
import { beforeAll, expect, it } from 'vitest';
import { createByteLmLab, type ByteLmLab } from '../../support/byte-lm-lab.ts';
import { HONEST } from '../../proposer/gate/honest-edits.ts';

let lab: ByteLmLab;
beforeAll(async () => {
  lab = await createByteLmLab();
}, 600_000);

it('flags at most one of some thirty honest edits of many kinds', async () => {
  const ends: string[] = [];
  for (const [what, text] of HONEST) ends.push(`${what}: ${await lab.endOf(text)}`);
  expect(HONEST.length).toBeGreaterThanOrEqual(30);
  // Who counts before the clock starts has learned before it starts: the one that a person has to look at.
  const flagged = ends.filter((end) => !end.includes(': scored '));
  expect(flagged).toEqual([expect.stringMatching(/^n-gram counts as a table: quarantined: untrained it scores/)]);
}, 600_000);
