// A project of pi-autoresearch: a script that measures and prints METRIC lines, and a prompt that says what may be
// edited. In `.auto/`, or in files `autoresearch.*` of older versions; never in both.
import { z } from 'zod';
import { HOOK_STAGES } from '../domain/hook.ts';
import { InvalidInput } from '../domain/invalid-input.ts';
import { isMetricName } from '../domain/metric.ts';
import { NAME_OF_METRIC, type Task } from '../domain/task.ts';
import { filesMeant, pathsMentioned, pathsNamed, primaryMetric, sectionOf, type Said } from './pi-prompt.ts';
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

interface Read {
  readonly read?: Pick<Task['metric'], 'name' | 'direction' | 'unit'>;
  readonly problems: readonly string[];
}

/** The metric: as its log was set up last, else as the prompt says, its name also as the script prints it. */
function readMetric({ texts }: ProjectFiles, { measure, prompt, log }: Layout): Read {
  const set = lastConfig(texts[log] ?? '');
  if (set !== undefined && !isMetricName(set.name))
    return {
      problems: [
        `Expected the metric that ${log} was set up with last to have ${NAME_OF_METRIC}; got ${JSON.stringify(set.name)}.`,
      ],
    };
  const said = primaryMetric(texts[prompt] ?? '');
  const printed = new Set([...(texts[measure] ?? '').matchAll(/METRIC\s+([\w.µ]+)=/g)].map(([, name]) => name));
  const name = set?.name ?? said.name ?? (printed.size === 1 ? [...printed][0] : undefined);
  const direction = set?.direction ?? said.direction;
  const { unit } = set ?? said;
  if (name !== undefined && direction !== undefined)
    return { read: { name, direction, ...(unit !== undefined && { unit }) }, problems: [] };
  const form = 'under `## Metrics`, as `- **Primary**: name (unit, lower is better)`';
  return {
    problems: [
      ...(name === undefined ? [`Expected ${prompt} to name the metric ${form}, got none.`] : []),
      ...(direction === undefined
        ? [`Expected ${prompt} to say whether a lower or a higher ${name ?? 'value'} is better, ${form}, got neither.`]
        : []),
    ],
  };
}

const configLine = z.object({
  type: z.literal('config'),
  metricName: z.string(),
  metricUnit: z.string().optional(),
  bestDirection: z.enum(['lower', 'higher']).optional(),
});

/** Of a log only this is needed to begin; `import` is who reads it whole, and names what is wrong with it. */
function lastConfig(log: string): (Said & { readonly name: string }) | undefined {
  const lines = log.split(/\r?\n/).flatMap((line) => configLine.safeParse(parsed(line)).data ?? []);
  const last = lines.at(-1);
  if (last === undefined) return undefined;
  const { metricName: name, metricUnit, bestDirection } = last;
  const unit = metricUnit?.trim() ?? '';
  return {
    name,
    ...(unit !== '' && { unit }),
    ...(bestDirection && { direction: bestDirection === 'lower' ? 'minimize' : 'maximize' }),
  };
}

const configSchema = z.looseObject({
  maxIterations: z.int().min(1).optional(),
  workingDir: z.string().optional(),
});

/** config.json: how many experiments, and that the project is this folder. */
function readConfig(
  { texts }: ProjectFiles,
  { config }: Layout,
): { readonly experiments?: number; readonly problems: readonly string[] } {
  const text = texts[config];
  if (text === undefined) return { problems: [] };
  const read = configSchema.safeParse(parsed(text));
  if (!read.success)
    return { problems: [`Expected ${config} to be JSON with a whole number \`maxIterations\`, if any.`] };
  const { maxIterations, workingDir = '.' } = read.data;
  if (!['', '.', './'].includes(workingDir))
    return { problems: [`Expected ${config} to be about its own folder, got ${workingDir}; start the session there.`] };
  return { ...(maxIterations !== undefined && { experiments: maxIterations }), problems: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
