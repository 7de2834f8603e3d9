import { describe, expect, it } from 'vitest';
import { createReadCode, type ReadCode } from '../../../src/proposer/gate/read-code.ts';
import { weighEdit } from '../../../src/proposer/gate/weigh-edit.ts';
import { HONEST, TRAIN } from './honest-edits.ts';
import { RED_TEAM } from './red-team-edits.ts';

const HARNESS = ['score', 'serve', 'prepare'];
const RED = RED_TEAM.flatMap(([, edits]) => edits);
/** One of each class. */
const HABITS = RED_TEAM.flatMap(([, edits]) => edits.slice(0, 1));
/** What a person's repo does already, with one constant changed. */
const changed = (source: string): string => source.replace('HIDDEN_DIM = 128', 'HIDDEN_DIM = 192');

// One Python reads them all: starting one for each would take most of this file's time.
const sources = [TRAIN, ...HONEST, ...RED, ...HABITS.map(([name, source]) => [name, changed(source)])].map((one) =>
  typeof one === 'string' ? one : (one[1] ?? ''),
);
const read = await createReadCode((text) => {
  throw new Error(text);
})({ versions: sources.map((source) => ({ 'train.py': source })), harness: HARNESS });
const known = new Map(sources.map((source, index) => [source, read?.versions[index] ?? {}]));
const readCode: ReadCode = async ({ versions }) => ({
  python: read?.python ?? '',
  versions: versions.map((files) => known.get(files['train.py'] ?? '') ?? {}),
});

/** A Python that is older than the code. */
const tooOld: ReadCode = async () => ({
  python: '3.9',
  versions: [{ 'train.py': { problem: 'line 1' } }, { 'train.py': { problem: 'line 2' } }],
});
const blind: ReadCode = async () => null;

const weigh = (after: Record<string, string>, before: Record<string, string> = { 'train.py': TRAIN }, by = readCode) =>
  weighEdit({ edit: [], before, after, editable: Object.keys(after), others: [], harness: HARNESS }, by);

describe.each(RED_TEAM)('refuses, with no more than "… %s"', (sentence, edits) => {
  it.each(edits)('%s', async (_, source) => {
    const weighed = await weigh({ 'train.py': source });
    expect(weighed).toEqual({ kind: 'refused', reason: expect.stringContaining(sentence) });
    expect(weighed).toHaveProperty('reason', expect.stringMatching(/^refused edit: /));
  });
});

it('finds the same in a base no reason to refuse what is honest there', async () => {
  for (const [name, source] of HABITS) {
    const weighed = await weigh({ 'train.py': changed(source) }, { 'train.py': source });
    expect({ name, kind: weighed.kind }).toEqual({ name, kind: source.includes('\0') ? 'refused' : 'passed' });
  }
});

describe('lets pass an honest edit, as an arm of its own:', () => {
  const arms = new Set<string | undefined>();
  it.each(HONEST)('%s', async (_, source) => {
    const weighed = await weigh({ 'train.py': source });
    if (weighed.kind === 'refused') throw new Error(weighed.reason);
    expect(weighed.arm).not.toBe(weighed.baseArm);
    expect(arms.has(weighed.arm)).toBe(false);
    arms.add(weighed.arm);
  });
});

it('refuses files that are no longer YAML or JSON, unless they were not before', async () => {
  const good = { 'c.yaml': 'a: 1\n', 'c.json': '{}' };
  expect(await weigh({ ...good, 'c.yaml': 'a: [1\n' }, good)).toMatchObject({
    reason: expect.stringMatching(/^refused edit: c\.yaml does not parse \(no YAML from line/),
  });
  expect(await weigh({ ...good, 'c.json': '{' }, good)).toMatchObject({ kind: 'refused' });
  expect(await weigh({ 'c.json': '// so\n{}' }, { 'c.json': '// yes\n{}' })).toMatchObject({ kind: 'passed' });
});

it('lets a file pass that did not parse before, such as one for a newer Python', async () => {
  const weighed = await weigh({ 'train.py': 'match b: ...' }, { 'train.py': 'match a: ...' }, tooOld);
  expect(weighed).toMatchObject({ kind: 'passed' });
});

it('lets everything else pass where no Python can look, and knows arms of other files alone', async () => {
  const weighed = await weigh({ 'train.py': 'import socket' }, { 'train.py': '' }, blind);
  expect(weighed).toEqual({ kind: 'passed', arm: undefined, baseArm: undefined, otherArms: [] });
  const text = await weigh({ 'prompt.md': 'Be good.\n' }, { 'prompt.md': 'Be good. \n\n' }, blind);
  expect(text).toMatchObject({ kind: 'passed', arm: expect.any(String) });
  expect(text.kind === 'passed' && text.arm === text.baseArm).toBe(true);
  expect(await weigh({ 'train.py': 'a\0' }, { 'train.py': '' }, blind)).toMatchObject({ kind: 'refused' });
});
