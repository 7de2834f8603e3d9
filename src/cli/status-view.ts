import { cautionsOf } from '../domain/cautions.ts';
import { lanesOf, measureOf } from '../domain/report.ts';
import { barOf } from './bar.ts';
import { countsText, tierText } from './best-view.ts';
import { facts, fit, many, plain } from './figures.ts';
import { beatOf, hasEnded, statusWord, type Snapshot } from './snapshot.ts';
import { DIRECTIONS, agentText, auditText, bestText, gainText, leftText, noiseOf, scaleText } from './view.ts';
import { warningsOf } from './warnings.ts';

/** What `status` prints: everything about a session at this moment, what stands in its way last. Pure. */
export function statusLines(snapshot: Snapshot, columns: number): string[] {
  const { view, live, session } = snapshot;
  const warnings = warningsOf(snapshot).flatMap((text) => facts([['!', text]], columns));
  const word = statusWord(snapshot) ?? 'starting';
  if (view === null) return [`${session} · ${word}`, ...warnings];
  const lanes = live === null ? [] : lanesOf(live);
  const why = view.reason === null || live?.status === 'blocked' ? '' : `: ${view.reason}`;
  return [
    ...facts(
      [
        ['session', `${view.session} · ${word}${why}`],
        // A session that failed or waits before its repo was opened knows no task yet.
        [
          'task',
          view.task === ''
            ? ''
            : `${view.task} · ${measureOf(view)}, ${DIRECTIONS[view.direction]} · rule ${view.rule}`,
        ],
        ['repo', view.repo],
        ['branch', view.branch],
        ['best', bestText(view)],
        ['gain', gainText(view)],
        ['noise', noiseOf(view)],
        ['audit', auditText(view)],
        ['longer', scaleText(view)],
        ['note', cautionsOf(view).join('; ')],
        ['tier', tierText(view)],
        ['so far', countsText(view.counts)],
        ['left', live === null || hasEnded(snapshot) ? '' : leftText(live.budget, live.spent)],
        ...lanes.flatMap(
          (running) =>
            [
              ['now', nowText(running)],
              ['', barOf(running, beatOf(snapshot, running))],
            ] as const,
        ),
        ['agent', agentText(snapshot.pending)],
        ['waiting', live === null || live.waitingProposals === 0 ? '' : many(live.waitingProposals, 'proposal')],
        ['hints', hintsText(live?.hints ?? [])],
      ],
      columns,
    ),
    ...warnings,
  ];
}

function hintsText(hints: readonly (string | null)[]): string {
  return hints.flatMap((hint, k) => (hint === null ? [] : [`${k + 1} “${fit(plain(hint), 60)}”`])).join(' ');
}

function nowText(running: { experiment: number; trial: number; seed: number | 'fresh'; hypothesis: string }): string {
  const { experiment, trial, seed, hypothesis } = running;
  const which = experiment === 0 ? 'baseline' : `experiment ${experiment}`;
  const why = experiment === 0 || hypothesis === '' ? '' : ` · ${hypothesis}`;
  return `${which} · trial ${trial} · ${seed === 'fresh' ? 'a fresh seed' : `seed ${seed}`}${why}`;
}
