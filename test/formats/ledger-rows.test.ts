import { describe, expect, it } from 'vitest';
import type { Trial } from '../../src/domain/experiment.ts';
import { autokernelOf } from '../../src/formats/autokernel.ts';
import { karpathyOf } from '../../src/formats/karpathy.ts';
import { rowsOf } from '../../src/formats/ledger-rows.ts';
import { runsOf } from '../../src/formats/pi-ledger.ts';
import { OPEN, TRIAL, ledger } from '../cli/samples.ts';

const baseline = (more: Partial<Trial>) => {
  const trials: Trial[] = [{ ...TRIAL, role: 'baseline', ...more }];
  const event = { version: 1, kind: 'baseline', at: TRIAL.endedAt, commit: OPEN.base, trials } as const;
  return { ...ledger([]), events: [OPEN, event] };
};

describe('the baseline of a ledger', () => {
  it('is kept where it was measured, and a crash without a value', () => {
    expect(rowsOf(baseline({}), OPEN)[0]).toMatchObject({ verdict: 'keep', value: 2.7911 });
    expect(rowsOf(baseline({ value: null }), OPEN)[0]).toMatchObject({ verdict: 'crash', value: null });
  });

  it('is called kept nowhere when it failed a check, as those of older versions may have', () => {
    const failed = baseline({ value: 0.5, failedCheck: 'check "correctness" failed: correctness: FAIL' });
    expect(rowsOf(failed, OPEN)[0]).toMatchObject({ verdict: 'discard' });
    expect(runsOf(failed, OPEN)[0]).toMatchObject({ status: 'checks_failed' });
    expect(karpathyOf(failed, OPEN).rows[0]).toMatchObject({ status: 'discard' });
    const metric = { name: 'throughput_tflops', direction: 'maximize' } as const;
    const open = { ...OPEN, task: { ...OPEN.task, metric } };
    expect(autokernelOf(failed, open)[0]).toMatchObject({ correctness: 'FAIL' });
  });
});
