import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { keptTurn } from '../../../src/proposer/model/kept-turn.ts';

const folder = mkdtempSync(join(tmpdir(), 'autoresearch-turn-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a turn stays as it was chosen, whatever became known since; another base is another proposal', async () => {
  const key = { session: 'night', experiment: 3, base: 'a'.repeat(40) };
  const model = { side: 'model', kind: 'arch' } as const;
  const search = { side: 'search', kind: 'data' } as const;
  expect(await keptTurn(folder, key, async () => model)).toEqual(model);
  expect(await keptTurn(folder, key, async () => search)).toEqual(model);
  expect(await keptTurn(folder, { ...key, base: 'b'.repeat(40) }, async () => search)).toEqual(search);
});
