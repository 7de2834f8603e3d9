// Audits on the way: the line after every few keeps, and a gain that is suspiciously large before it is kept. What an audit
// does not find again is not built on.
import { rolledBack, type Course } from '../src/domain/course.ts';
import type { AuditMoment } from '../src/domain/audit.ts';
import type { Assessment } from '../src/domain/assessment.ts';
import type { AuditEvent, LedgerEvent, MovedEvent } from '../src/domain/ledger.ts';
import { failuresOf } from '../src/domain/report.ts';
import { figure } from '../src/domain/sentence.ts';
import { gitVerbs } from './activities.ts';
import { audit, hasClaim, wantsAudit, type AuditRequest } from './audit.ts';
import { block, unlessBlocked } from './blocked.ts';
import { checkScale } from './scale.ts';
import { startLine } from './line.ts';
import { auditsOf, nextTurn, type SessionState } from './state.ts';
import { writeEvent } from './write-event.ts';

/** So many keeps make an audit due. */
const DUE_AFTER = 5;
/** A gain of more than so many s is mostly a trick or an accident: honest ones that large are early ones. */
const SUSPICIOUS = 6;

/** Audits on the way need to know what the baseline scores on the same data. */
const isPossible = (state: SessionState): boolean => auditsOf(state) === 'all' && state.auditBaseline.length > 0;

/** Whether a gain is so large that it is audited before it is kept. */
export function isSuspicious(state: SessionState, assessment: Assessment | undefined): boolean {
  if (assessment === undefined || !isPossible(state)) return false;
  return assessment.noise > 0 && assessment.gain > SUSPICIOUS * assessment.noise;
}

/** Why a candidate with a suspicious gain is not to be kept; null where its audit found the gain again. */
export async function refuseClaim(request: Omit<AuditRequest, 'moment'>): Promise<string | null> {
  const event = await audit({ ...request, moment: 'before a keep' });
  if (event?.passed === true) return null;
  return `so large a gain is audited before it is kept, and ${event === null ? 'the audit gave no value' : whyFailed(event)}`;
}

function whyFailed(event: AuditEvent): string {
  const failures = failuresOf(event);
  if (failures !== '' || event.gain === null) return failures;
  return `the audit found ${figure(event.gain)} where ${figure(event.claimed)} was claimed`;
}

type Means = Pick<AuditRequest, 'state' | 'contract' | 'changed'>;

/** Which audit is due: a person asks for one, so much was kept since the last, or the best has missed the target. */
export function dueAudit(state: SessionState): 'asked' | 'on the way' | null {
  if (state.auditAsked) return 'asked';
  const isDoubted = state.missedBy !== null && state.missedBy === state.course?.incumbent.commit;
  return (isDoubted || state.line.length > DUE_AFTER) && isPossible(state) && hasClaim(state) ? 'on the way' : null;
}

/** Audits the line. A claim that is not there: the line goes back to the last commit whose claim is. */
export async function auditLine(means: Means, moment: 'asked' | 'on the way'): Promise<void> {
  const { state } = means;
  state.auditAsked = false;
  state.missedBy = null;
  const last = state.line.at(-1);
  if (last === undefined || !hasClaim(state)) return;
  const holds = await claimHolds(last, means, moment);
  if (state.stop !== 'no') return;
  if (holds) state.line = [last];
  else await goBack(means);
}

/** The audit at the end, where it is wanted; what it does not find is taken back too, if that can be told apart. */
export async function auditAtEnd(means: Means): Promise<void> {
  const { state } = means;
  if (state.course === null || !wantsAudit(state)) return;
  const event = await audit({ ...means, course: state.course, moment: 'end' });
  if (event === null && state.stop === 'no')
    state.notices = [...state.notices, 'The audit at the end gave no value: the gain stands as it is claimed.'];
  if (event?.passed === false) await goBack(means);
  else if (event !== null) await checkScale(means, event);
}

/** Finds the last commit of the line whose claim holds, by bisection, and sets the line back to it. */
async function goBack(means: Means): Promise<void> {
  const { line } = means.state;
  if (!isPossible(means.state) || line.length === 1) return; // the report says that the claim does not hold
  let [good, bad] = [0, line.length - 1]; // the first of the line was audited before
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const course = line[middle];
    if (course !== undefined && (await claimHolds(course, means, 'on the way'))) good = middle;
    else bad = middle;
    if (means.state.stop !== 'no') return;
  }
  const target = line[good];
  if (target !== undefined) await rollBack(means, target);
}

/**
 * Whether an audit finds this claim. Where it gives no value, and the commit is not to blame for that, a person is asked
 * to look, and it is made again: what nobody could measure neither holds nor fails.
 */
async function claimHolds(course: Course, means: Means, moment: AuditMoment): Promise<boolean> {
  for (;;) {
    const event = await audit({ ...means, course, moment });
    if (event !== null) return event.passed;
    if (means.state.stop !== 'no') return true;
    await block(means.state, NO_VALUE, means.changed);
  }
}

const NO_VALUE =
  'An audit of the kept line gave no value, and what it measured is not to blame for that: look at the devices, then resume, and it is made again; or stop the session.';

/** Sets the line back by a commit on it, rewriting nothing; the incumbent is what `target` believed in. */
async function rollBack({ state, contract, changed }: Means, target: Course): Promise<void> {
  const { course } = state;
  if (course === null) return;
  const at = new Date().toISOString();
  const { commit, experiment } = target.incumbent;
  const [tip, where] = [course.incumbent.commit, experiment === 0 ? 'the baseline' : `experiment ${experiment}`];
  const message = `Back to ${where}\n\nAn audit did not find the gain that was claimed since.\n`;
  const made = await unlessBlocked(
    state,
    () => gitVerbs(contract).restore({ contract, tip, target: commit, message, at }),
    changed,
  );
  const event: MovedEvent = {
    version: 1,
    kind: 'moved',
    at,
    from: tip,
    to: made.commit,
    after: nextTurn(state) - 1,
    trials: [],
    restores: { commit, experiment },
  };
  const isSame = (standing: LedgerEvent): standing is MovedEvent =>
    standing.kind === 'moved' && standing.restores?.commit === commit;
  const patience = 'until resumed or stopped';
  const { to } = await writeEvent({ state, contract, event, isSame, changed, patience });
  startLine(state, rolledBack(course, target, to));
  const notice = `An audit did not find the gain since ${where}: the line is back there, in ${to.slice(0, 7)}.`;
  state.notices = [...state.notices, notice];
  changed();
}
