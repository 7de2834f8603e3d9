import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesFitting, isGlob } from '../domain/globs.ts';
import { InvalidInput, parse } from '../domain/invalid-input.ts';
import { PROJECTS, projectKindSchema } from '../domain/project.ts';
import { SECONDS, TASK_FILE, type Direction } from '../domain/task.ts';
import { chooseProject, halfSentences } from '../formats/find-project.ts';
import { projectText } from '../formats/project-text.ts';
import type { Project, TaskDraft } from '../formats/project.ts';
import { isRegular, listFiles } from '../git/tree.ts';
import { resolveRepo, type Repo } from '../git/user-repo.ts';
import { projectsAt } from '../project-at.ts';
import { parseTask } from '../task-file.ts';
import { numberOr } from './session-input.ts';
import { isTimedAlone, taskText, type Draft } from './task-text.ts';

/**
 * Writes a task file into `folder`, which must be in a repo and have none: what the options say, and for what they leave
 * open, what follows from another program's project there. Throws `InvalidInput`, and then writes nothing.
 */
export async function writeTask(options: Options, folder: string): Promise<Written> {
  const path = join(folder, TASK_FILE);
  if (existsSync(path))
    throw new InvalidInput(`Expected no ${TASK_FILE} here yet, got ${path}; edit it, or remove it first.`);
  const repo = await resolveRepo(folder);
  const place = { folder, committed: (options.edit ?? []).some(isGlob) ? await committedIn(repo) : [] };
  const project = isWhole(options) ? undefined : await projectHere(repo, options);
  const { text, ...written } =
    project === undefined ? ownText(options, place) : { text: changedText(project, options, place), project };
  parseTask(text, TASK_FILE);
  writeFileSync(path, text, { flag: 'wx' });
  return { path, ...written };
}

function ownText(options: Options, place: Place): { readonly text: string; readonly timed?: string } {
  const own = draft(options, place);
  return { text: taskText(own), ...(isTimedAlone(own) && { timed: own.metric }) };
}

const changedText = ({ kind, derive }: Project, options: Options, place: Place): string =>
  projectText(kind, changed(derive().draft, options, place));

/** What was written, and the project that it follows from. */
export interface Written {
  readonly path: string;
  readonly project?: Project;
  /** The metric that is a time or a rate and measured alone, as the file now says. */
  readonly timed?: string;
}

/** The options of `init`, as they were given. */
export interface Options {
  readonly train?: string;
  readonly metric?: string;
  readonly target?: string;
  readonly minimize?: true;
  readonly maximize?: true;
  readonly edit?: readonly string[];
  readonly seconds?: string;
  readonly score?: string;
  readonly paired?: string;
  readonly name?: string;
  readonly kind?: string;
}

/** Whether the options say all that a task needs, so that nothing has to be looked for. */
const isWhole = (options: Options): boolean =>
  options.kind === undefined &&
  options.train !== undefined &&
  metricOf(options) !== undefined &&
  options.edit !== undefined;

/** What a target is reached in, where nobody says what is measured. */
const metricOf = ({ metric, target }: Options): string | undefined =>
  metric ?? (target === undefined ? undefined : SECONDS);

/** The project in a folder, of the kind that was asked for if one was. */
async function projectHere({ origin, folder }: Repo, { kind, ...others }: Options): Promise<Project | undefined> {
  const wanted = kind === undefined ? undefined : parse(projectKindSchema, kind, '`--kind`');
  const projects = await projectsAt(origin, 'HEAD', folder);
  const project = chooseProject(projects, wanted);
  if (project !== undefined) return project;
  const halves = halfSentences(projects, (file) => existsSync(join(origin, folder, file)));
  if (wanted !== undefined)
    throw new InvalidInput([`Expected a project of ${PROJECTS[wanted]} in the last commit here, got none.`, ...halves]);
  // With options a person says that it is to be a task of their own.
  if (halves.length > 0 && Object.keys(others).length === 0) throw new InvalidInput(halves);
  return undefined;
}

/** The folder of the task file. */
interface Place {
  readonly folder: string;
  /** The committed files below it, where a pattern asks for them. */
  readonly committed: readonly string[];
}

async function committedIn({ origin, folder }: Repo): Promise<string[]> {
  const entries = await listFiles(origin, 'HEAD', folder === '' ? [] : [folder]);
  return entries.filter(isRegular).map(({ path }) => path.slice(folder.length));
}

/** A project's task with what the options say otherwise. */
function changed(derived: TaskDraft, options: Options, place: Place): TaskDraft {
  const { train, edit, score, name, target } = options;
  const { seconds, paired, problems } = checkOptions(options, place);
  if (problems.length > 0) throw new InvalidInput(problems);
  const metric = metricOf(options);
  const direction = directionOf(options) ?? (target === undefined ? undefined : 'minimize');
  return {
    ...derived,
    ...(name !== undefined && { name }),
    ...(edit !== undefined && { editable: [...edit] }),
    train: {
      ...derived.train,
      ...(train !== undefined && { run: train }),
      ...(seconds !== undefined && { seconds }),
    },
    ...(score !== undefined && { score: { run: score, ...(paired !== undefined && { paired }) } }),
    metric: {
      ...derived.metric,
      ...(metric !== undefined && { name: metric }),
      ...(direction !== undefined && { direction }),
    },
    ...(target !== undefined && { target }),
  };
}

/** What the options say, all mistakes at once; the file's own schema checks the rest. */
function draft(options: Options, place: Place): Draft {
  const { train, edit = [], target } = options;
  const metric = metricOf(options);
  const { seconds, paired, problems: wrong } = checkOptions(options, place);
  const problems = [
    ...(train === undefined ? ['Expected `--train` to be the command of one training, got nothing.'] : []),
    ...(metric === undefined
      ? ['Expected `--metric` to be the name of a number that training prints, got nothing.']
      : []),
    ...(edit.length === 0 ? ['Expected `--edit` to name at least one file, got nothing.'] : []),
    ...wrong,
  ];
  if (problems.length > 0 || train === undefined || metric === undefined) throw new InvalidInput(problems);
  return {
    train,
    metric,
    edit,
    direction: directionOf(options) ?? 'minimize',
    name: options.name ?? (basename(place.folder) || 'task'),
    ...(target === undefined ? {} : { target }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(options.score === undefined ? {} : { score: options.score }),
    ...(paired === undefined ? {} : { paired }),
  };
}

function directionOf({ minimize, maximize }: Options): Direction | undefined {
  if (maximize === true) return 'maximize';
  return minimize === true ? 'minimize' : undefined;
}

/** What is wrong with the options that are there. */
function checkOptions(
  options: Options,
  { folder, committed }: Place,
): { readonly seconds: number | undefined; readonly paired: number | undefined; readonly problems: readonly string[] } {
  const { edit = [], score } = options;
  const seconds = options.seconds === undefined ? undefined : numberOr(options.seconds);
  const paired = options.paired === undefined ? undefined : numberOr(options.paired);
  const problems = [
    ...edit.flatMap((path) => {
      if (isFile(join(folder, path))) return [];
      const expected = `Expected \`--edit\` to name files here, got ${path}`;
      if (!isGlob(path)) return [`${expected}.`];
      return filesFitting(path, committed).length > 0 ? [] : [`${expected}, which fits no committed file.`];
    }),
    ...(options.minimize === true && options.maximize === true
      ? ['Expected one of `--minimize` and `--maximize`, got both.']
      : []),
    ...(seconds !== undefined && typeof seconds !== 'number'
      ? [`Expected \`--seconds\` to be a number, got ${JSON.stringify(seconds)}.`]
      : []),
    ...(paired !== undefined && typeof paired !== 'number'
      ? [`Expected \`--paired\` to be a number, got ${JSON.stringify(paired)}.`]
      : []),
    ...(paired !== undefined && score === undefined
      ? ['Expected `--paired` beside `--score`, the command that it runs so often, got none.']
      : []),
  ];
  return { seconds: asNumber(seconds), paired: asNumber(paired), problems };
}

const asNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
