import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { asDocumentNumber, readDocumentConstants } from '../../src/proposer/document-constants.ts';
import { applyEdit } from '../../src/proposer/edit.ts';
import { readSearchSpace } from '../../src/proposer/search-space.ts';
import { proposeBySearch } from '../../src/proposer/search.ts';

const YAML = `# settings of the training
optimizer: &opt
  learning_rate: 1e-3   # search: 1e-4..1e-1 log
  betas: [0.9, 0.95]    # both
  momentum: .9  # search: off
model:
  layers:
    - width: 256
      activation: relu  # search: relu, gelu
    - {width: 128, bias: true}
  name: "small"
training: {batchSize: 32, seed: 1, log_every: 10}
again: *opt
`;
const JSON_TEXT =
  '{\n\t"learningRate": 0.001,\n\t"model": {"depth": 6, "tied": false, "name": "x"},\n\t"betas": [0.9, 0.95]\n}\n';
const named = (source: string) => readDocumentConstants(source).map(({ name, text }) => [name, text]);

const set = (file: string, name: string, value: string) => ({ op: 'set', file, name, value }) as const;

describe('the constants of a document', () => {
  it('are its values at any depth, by their path, each with its own place', () => {
    expect(named(YAML)).toEqual([
      ['optimizer.learning_rate', '1e-3'],
      ['optimizer.betas[0]', '0.9'],
      ['optimizer.betas[1]', '0.95'],
      ['optimizer.momentum', '.9'],
      ['model.layers[0].width', '256'],
      ['model.layers[0].activation', 'relu'],
      ['model.layers[1].width', '128'],
      ['model.layers[1].bias', 'true'],
      ['model.name', '"small"'],
      ['training.batchSize', '32'],
      ['training.seed', '1'],
      ['training.log_every', '10'],
    ]);
    for (const { start, end, text } of readDocumentConstants(YAML)) expect(YAML.slice(start, end)).toBe(text);
  });

  it('are read of JSON too, whatever it is indented with', () => {
    expect(named(JSON_TEXT).map(([name]) => name)).toEqual([
      'learningRate',
      'model.depth',
      'model.tied',
      'model.name',
      'betas[0]',
      'betas[1]',
    ]);
  });

  it.each([
    ['a mistake', 'a: 1\n  b: 2\n'],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['a value that is no plain number', 'a: 0x10\nb: 010\nc: .inf\nd: -1\ne: 1_000\n'],
    ['keys that no path can name', '"a.b": 1\n? [c]\n: 2\n'],
    ['a value alone', '3\n'],
    ['nothing', ''],
  ])('are none where there is %s', (_what, source) => {
    expect(named(source)).toEqual([]);
  });
});

describe('the search space of a document', () => {
  it('has what a name does not forbid and a comment does not close, with booleans and choices', () => {
    const space = readSearchSpace({ 'conf/train.yaml': YAML, 'notes.txt': 'A = 1\n' });
    expect(space.map(({ name }) => name)).toEqual([
      'optimizer.learning_rate',
      'optimizer.betas[0]',
      'optimizer.betas[1]',
      'model.layers[0].width',
      'model.layers[0].activation',
      'model.layers[1].width',
      'model.layers[1].bias',
      'training.batchSize',
    ]);
    const choices = space.flatMap((one) => (one.kind === 'choice' ? [one.choices] : []));
    expect(choices).toEqual([
      ['relu', '"gelu"'],
      ['true', 'false'],
    ]);
    const [rate] = space;
    expect(rate?.kind === 'number' && rate.axis.low).toBeCloseTo(Math.log(1e-4));
  });
});

describe('an edit of a document', () => {
  it('writes the one value and leaves every other byte as it is', () => {
    const edit = [set('a.yaml', 'optimizer.betas[1]', '0.99'), set('b.json', 'model.tied', 'true')];
    expect(applyEdit({ 'a.yaml': YAML, 'b.json': JSON_TEXT }, edit)).toEqual({
      ok: true,
      files: { 'a.yaml': YAML.replace('0.95]', '0.99]'), 'b.json': JSON_TEXT.replace('false', 'true') },
    });
  });

  it.each(['!!python/object:os.system', '1\nother: 2', '[1, 2]', '', '-'])('refuses the value %j', (value) => {
    expect(applyEdit({ 'a.yaml': YAML }, [set('a.yaml', 'model.name', value)])).toMatchObject({ ok: false });
  });

  it('writes numbers that YAML 1.1 takes for numbers too', () => {
    expect(['5e-4', '2e6', '0.001', '3.5e-5', '256'].map(asDocumentNumber)).toEqual([
      '5.0e-4',
      '2.0e+6',
      '0.001',
      '3.5e-5',
      '256',
    ]);
  });
});

it.each([
  ['a.yaml', YAML],
  ['b.json', JSON_TEXT],
])('search varies %s, and what comes out says the same but for what the hypothesis names', (file, source) => {
  const history = [{ files: { [file]: source }, score: 3, verdict: 'baseline' }] as const;
  for (let seed = 0; seed < 30; seed++) {
    const request = { files: { [file]: source }, history, pending: [], incumbentScore: 3, noise: 0.01, seed };
    const made = proposeBySearch(request);
    if (made.kind === 'none') throw new Error(made.reason);
    const after = made.files[file] ?? '';
    expect(Object.keys(parse(after) as object)).toEqual(Object.keys(parse(source) as object));
    const before = new Map(readDocumentConstants(source).map(({ name, text }) => [name, text]));
    const changed = readDocumentConstants(after).filter(({ name, text }) => before.get(name) !== text);
    expect(changed.map(({ name }) => name)).toEqual(
      made.edit.map((one) => one.op === 'set' && one.name).toSorted(by(after)),
    );
    for (const { name, text } of changed) expect(made.hypothesis).toContain(`${name} ${before.get(name)} -> ${text}`);
  }
});

/** In the order of the file. */
const by = (source: string) => {
  const order = readDocumentConstants(source).map(({ name }) => name);
  return (a: string | false, b: string | false): number => order.indexOf(String(a)) - order.indexOf(String(b));
};
