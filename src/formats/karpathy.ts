// karpathy/autoresearch's results.tsv: five columns, a crash written as 0.000000, the baseline as the first kept row.
import type { Ledger } from '../domain/ledger.ts';
import type { Trial, Verdict } from '../domain/experiment.ts';
import { mean } from '../domain/noise.ts';

const HEADER = 'commit\tval_bpb\tmemory_gb\tstatus\tdescription';

/** Their three words for our verdicts; null for what never gave them a row. */
const STATUS = {
  keep: 'keep',
  discard: 'discard',
  quarantine: 'discard',
  crash: 'crash',
  undecided: null,
  failed: null,
  dropped: null,
} as const satisfies Record<Verdict, 'keep' | 'discard' | 'crash' | null>;

/** A ledger as their results.tsv; `base` is the commit of the baseline. The value column keeps its name for every metric. */
export function writeKarpathy(ledger: Ledger, base: string): string {
  const baseline = ledger.events.find((event) => event.kind === 'baseline');
  const measured = baseline?.kind === 'baseline' ? baseline.trials : [];
  const first = measured.length === 0 ? [] : [row(base, meanOf(measured), measured, 'keep', 'baseline')];
  const rows = ledger.experiments.flatMap(({ verdict, candidate, value, trials, hypothesis }) => {
    const status = STATUS[verdict];
    return status === null || candidate === null ? [] : [row(candidate, value, trials, status, hypothesis)];
  });
  return `${[HEADER, ...first, ...rows].join('\n')}\n`;
}

function row(commit: string, value: number | null, trials: readonly Trial[], status: string, text: string): string {
  const memoryMb = Math.max(0, ...trials.map(({ metrics, peakVramMb }) => peakVramMb ?? metrics['peak_vram_mb'] ?? 0));
  const description = text.replaceAll(/\s+/g, ' ').trim();
  return [commit.slice(0, 7), (value ?? 0).toFixed(6), (memoryMb / 1024).toFixed(1), status, description].join('\t');
}

function meanOf(trials: readonly Trial[]): number | null {
  const values = trials.flatMap(({ role, value }) => (value === null || role === 'repeat' ? [] : [value]));
  return values.length === 0 ? null : mean(values);
}
