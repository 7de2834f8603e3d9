// What a candidate's code does that its base's does not, told by the class of the rule alone: who hears more of a detector
// learns to get around it.
import { RULES, type CodeReading } from './read-code.ts';

/** The readings of a version's Python files by path. */
export type Readings = Readonly<Record<string, CodeReading>>;

const SENTENCES: Readonly<Record<(typeof RULES)[number], string>> = {
  network: 'it reaches for the network',
  process: 'it starts or steers other processes',
  native: 'it calls native code by hand',
  introspection: "it looks into the interpreter's insides",
  code: 'it loads or makes code at run time',
  patching: 'it changes the clock, the device or the harness',
  exit: 'it leaves work for the end of the process',
  thread: 'it leaves threads running',
  seed: 'it chooses its own seed',
};

/** An edit that rewrites a 400-line script has less of new literals; trained weights that matter have more. */
const MOST_NEW_DATA = 8000;

/**
 * Which rule a candidate breaks, as the end of a sentence that begins with "it"; undefined when none. Only what is not in
 * the base counts, wherever it stands there: a person's repo may do as it does. What nobody could read of it is left out.
 */
export function violation(base: Readings, whole: Readings): string | undefined {
  const candidate = Object.fromEntries(Object.entries(whole).filter(([path]) => !isUnread(base[path])));
  const before = findingsIn(base);
  const after = findingsIn(candidate);
  const broken = RULES.find((rule) =>
    after.some(([found, what]) => found === rule && count(after, rule, what) > count(before, rule, what)),
  );
  if (broken !== undefined) return SENTENCES[broken];
  return dataIn(candidate) - dataIn(base) > MOST_NEW_DATA ? 'it carries data instead of code' : undefined;
}

const isUnread = (reading: CodeReading | undefined): boolean => reading !== undefined && 'problem' in reading;

type Finding = readonly [(typeof RULES)[number], string];

const findingsIn = (readings: Readings): readonly Finding[] =>
  Object.values(readings).flatMap((reading) => ('findings' in reading ? reading.findings : []));

const count = (findings: readonly Finding[], rule: string, what: string): number =>
  findings.filter(([found, where]) => found === rule && where === what).length;

const dataIn = (readings: Readings): number =>
  Object.values(readings).reduce((sum, reading) => sum + ('data' in reading ? reading.data : 0), 0);
