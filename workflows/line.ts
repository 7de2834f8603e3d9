// The kept line as the session goes along it: what is believed of each commit since the last audit.
import type { Course } from '../src/domain/course.ts';
import { auditsOf, type SessionState } from './state.ts';

/** Goes on from a commit that everything before is nothing to: the baseline, or where a person set the line. */
export function startLine(state: SessionState, course: Course): void {
  state.course = course;
  state.line = [course];
}

/** Goes on from this course; one with another incumbent is the line's next commit. */
export function follow(state: SessionState, course: Course): void {
  state.course = course;
  const isSame = state.line.at(-1)?.incumbent.commit === course.incumbent.commit;
  const before = isSame ? state.line.slice(0, -1) : state.line;
  // Without audits on the way nothing is ever taken back.
  state.line = [...(auditsOf(state) === 'all' ? before : []), course];
}
