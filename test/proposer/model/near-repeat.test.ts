import { describe, expect, it } from 'vitest';
import { nearRepeatOf, type Idea } from '../../../src/proposer/model/near-repeat.ts';

const replace = (search: string, text: string) => ({ op: 'replace', file: 'train.py', search, replace: text }) as const;
const rate = (to: string): Idea => ({
  hypothesis: `a higher learning rate of ${to} reaches a lower loss in so few steps`,
  edit: [replace('LEARNING_RATE = 0.1', `LEARNING_RATE = ${to}`)],
});
const WARMUP: Idea = {
  hypothesis: 'linear warmup over the first tenth of the steps, because Adam begins with bad estimates',
  edit: [replace('    lr = LEARNING_RATE\n', '    lr = LEARNING_RATE * min(1.0, step / (0.1 * steps))\n')],
};

describe('an idea is nearly one that was tried', () => {
  it('where the same lines change in nearly the same words', () => {
    const again: Idea = {
      hypothesis: 'Linear warmup over the first tenth of all steps, because Adam begins with bad estimates.',
      edit: [replace('    lr = LEARNING_RATE\n', '    lr = LEARNING_RATE * min(1.0, step / (0.10 * steps))\n')],
    };
    const tried = [
      { ...rate('0.2'), experiment: 1 },
      { ...WARMUP, experiment: 2 },
    ];
    expect(nearRepeatOf(again, tried)?.experiment).toBe(2);
  });

  it('where more of the file stands around the change', () => {
    const wider: Idea = {
      ...WARMUP,
      edit: [
        replace(
          'for step in steps:\n    lr = LEARNING_RATE\n    train(lr)\n',
          'for step in steps:\n    lr = LEARNING_RATE * min(1.0, step / (0.1 * steps))\n    train(lr)\n',
        ),
      ],
    };
    expect(nearRepeatOf(wider, [WARMUP])).toBe(WARMUP);
  });
});

describe('an idea is another one', () => {
  it('where it sets the same number elsewhere', () => {
    expect(nearRepeatOf(rate('0.3'), [rate('0.2')])).toBeUndefined();
  });

  it('where it joins what was tried apart', () => {
    const both: Idea = { hypothesis: 'warmup, and a higher rate', edit: [...WARMUP.edit, ...rate('0.2').edit] };
    expect(nearRepeatOf(both, [WARMUP, rate('0.2')])).toBeUndefined();
  });

  it('where nothing was tried', () => {
    expect(nearRepeatOf(WARMUP, [])).toBeUndefined();
  });
});
const flood = (lines: number): Idea => ({ hypothesis: 'a flood', edit: [replace('A', 'x = y\n'.repeat(lines))] });

it('is not looked for in more text than any edit may have, which would take seconds', () => {
  expect(nearRepeatOf(flood(1000), [flood(1000)])).toBeDefined();
  expect(nearRepeatOf(flood(200_000), [flood(200_000)])).toBeUndefined();
});
