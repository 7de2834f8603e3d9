import { cautionsOf } from '../domain/cautions.ts';
import type { SessionView } from '../domain/report.ts';
import type { Counts } from '../domain/counts.ts';
import { facts, many, withError } from './figures.ts';
import { auditText, bestText, gainText, noiseOf, scaleText } from './view.ts';

/** What `best` prints: the best commit, where it stands, and how much better it is. Pure. */
export function bestLines(view: SessionView, columns: number): string[] {
  const { best, baseline, branch, counts } = view;
  return facts(
    [
      ['session', `${view.session} (${view.status})`],
      ['best', bestText(view)],
      ['commit', best === null ? '' : `${best.commit} on ${branch}`],
      ['gain', gainText(view)],
      ['noise', noiseOf(view)],
      ['audit', auditText(view)],
      ['longer', scaleText(view)],
      ['note', cautionsOf(view).join('; ')],
      ['baseline', baseline === null ? '' : `${withError(baseline)}, ${many(baseline.trials, 'trial')}`],
      ['tier', tierText(view)],
      ['so far', countsText(counts)],
    ],
    columns,
  );
}

/** How far a value can be trusted, in words. */
export function tierText({ tier }: SessionView): string {
  if (tier === null) return '';
  return tier === 'A'
    ? 'A: sandboxed candidates, a scorer of our own'
    : 'B: less than a sandbox and a scorer apart from it';
}

/** `42 experiments: 5 kept, 33 discarded, 2 crashed`; zeros are left out. */
export function countsText({ total, ...counts }: Counts): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  const listed = parts.map(([name, count]) => `${count} ${name}`).join(', ');
  return `${many(total, 'experiment')}${listed === '' ? '' : `: ${listed}`}`;
}
