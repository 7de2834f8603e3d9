// A project of pi-autoresearch: a script that measures and prints METRIC lines, and a prompt that says what may be
// edited. In `.auto/`, or in files `autoresearch.*` of older versions; never in both.
import { HOOK_STAGES } from '../domain/hook.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { filesMeant, pathsMentioned, pathsNamed, sectionOf } from './pi-prompt.ts';
import { readConfig, readMetric } from './pi-settings.ts';
import type { Derived, Project, ProjectFiles } from './project.ts';

const LAYOUTS = [
  {
    measure: '.auto/measure.sh',
    prompt: '.auto/prompt.md',
    checks: '.auto/checks.sh',
    config: '.auto/config.json',
    log: '.auto/log.jsonl',
    ideas: '.auto/ideas.md',
    hooks: '.auto/hooks',
    own: /^\.auto\//,
  },
  {
    measure: 'autoresearch.sh',
    prompt: 'autoresearch.md',
    checks: 'autoresearch.checks.sh',
    config: 'autoresearch.config.json',
    log: 'autoresearch.jsonl',
    ideas: 'autoresearch.ideas.md',
    hooks: 'autoresearch.hooks',
    own: /^autoresearch\./,
  },
] as const;
type Layout = (typeof LAYOUTS)[number];

/** No other program has files of these names. */
export const PI_MARKS: readonly string[] = LAYOUTS.map(({ measure }) => measure);
/** Where it writes down what was tried. */
export const PI_LOGS: readonly string[] = LAYOUTS.map(({ log }) => log);
/** The log that a hook of its layouts looks into; undefined for another command. */
export const piLogBeside = (hook: string): string | undefined =>
  LAYOUTS.find(({ hooks }) => hook.startsWith(`${hooks}/`))?.log;
/** The files that decide. */
export const PI_TEXTS: readonly string[] = LAYOUTS.flatMap(({ measure, prompt, config, log }) => [
  measure,
  prompt,
  config,
  log,
]);

/** Theirs: when a measurement is ended, and when its checks are. */
const MEASURE_SECONDS = 600;
const CHECKS_SECONDS = 300;
const EXECUTABLE = '100755';
const LONGEST_NAME = 60;

/** Recognises a project of pi-autoresearch by its script or its prompt; undefined for another. */
export function piProject(files: ProjectFiles): Project | undefined {
  const paths = [...files.modes.keys()];
  const layout = LAYOUTS.find(({ own }) => paths.some((path) => own.test(path)));
  if (layout === undefined) return undefined;
  const { measure, prompt, checks, config } = layout;
  const found = [measure, prompt, checks, config].filter((path) => files.modes.has(path));
  const missing = [measure, prompt].filter((path) => !files.modes.has(path));
  if (missing.length === 2) return undefined;
  return { kind: 'pi', found, missing, derive: () => derive(files, layout) };
}

function derive(files: ProjectFiles, layout: Layout): Derived {
  const { measure, prompt, checks, ideas } = layout;
  const hooks = hooksIn(files, layout);
  const text = files.texts[prompt] ?? '';
  const scope = readScope(files, layout);
  const metric = readMetric(files, layout);
  const config = readConfig(files, layout);
  const problems = [
    ...(files.modes.get(measure) === EXECUTABLE
      ? []
      : [
          `Expected ${measure} to be a script that can be run, got a file without the run bit; git update-index --chmod=+x ${measure}, and commit.`,
        ]),
    ...scope.problems,
    ...metric.problems,
    ...config.problems,
  ];
  if (problems.length > 0 || metric.read === undefined) throw new InvalidInput(problems);
  const goal = /^#[ \t]+(?:autoresearch:)?[ \t]*(\S.*)$/im.exec(text)?.[1]?.trim();
  return {
    draft: {
      name: (goal ?? metric.read.name).slice(0, LONGEST_NAME),
      instructions: files.modes.has(ideas) ? [prompt, ideas] : prompt,
      editable: [...scope.editable],
      train: { run: `bash ${measure}`, seconds: MEASURE_SECONDS, startupSeconds: 0, stallSeconds: MEASURE_SECONDS },
      metric: metric.read,
      ...(files.modes.has(checks) && {
        checks: [{ name: 'checks.sh', run: `bash ${checks}`, seconds: CHECKS_SECONDS }],
      }),
      ...(Object.keys(hooks).length > 0 && { hooks }),
    },
    needsUv: false,
    ...(config.experiments !== undefined && { experiments: config.experiments }),
  };
}

/** Its hooks; one without the run bit is switched off, as it is there. */
const hooksIn = ({ modes }: ProjectFiles, { hooks }: Layout): Record<string, string> =>
  Object.fromEntries(
    HOOK_STAGES.map((stage) => [stage, `${hooks}/${stage}.sh`] as const).filter(
      ([, path]) => modes.get(path) === EXECUTABLE,
    ),
  );

interface Scope {
  readonly editable: readonly string[];
  readonly problems: readonly string[];
}

/** The files in scope but those off limits; the project's own scripts and prompt are never in it. */
function readScope({ modes, texts }: ProjectFiles, { prompt, own }: Layout): Scope {
  const files = [...modes.keys()].filter((path) => !own.test(path));
  const text = texts[prompt] ?? '';
  const named = pathsNamed(sectionOf(text, 'files in scope'));
  if (named.length === 0)
    return {
      editable: [],
      problems: [`Expected ${prompt} to list files under \`## Files in Scope\`, got none; a line is \`- path\`.`],
    };
  const strangers = named.filter((path) => filesMeant(path, files).length === 0);
  const problems = strangers.map(
    (path) => `Expected \`## Files in Scope\` of ${prompt} to name committed files, got ${JSON.stringify(path)}.`,
  );
  // What is prose there means no file, and whatever is in no scope is protected anyway.
  const limits = new Set(pathsMentioned(sectionOf(text, 'off limits')).flatMap((path) => filesMeant(path, files)));
  const editable = new Set(named.flatMap((path) => filesMeant(path, files)).filter((path) => !limits.has(path)));
  if (editable.size > 0 || problems.length > 0) return { editable: [...editable].toSorted(), problems };
  return { editable: [], problems: [`Expected ${prompt} to leave a file in scope, got all of them off limits.`] };
}
