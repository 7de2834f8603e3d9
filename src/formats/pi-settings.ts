// What a project of pi-autoresearch says of its metric and of how many experiments there are: in its log, its prompt, its
// script and its config.json.
import { z } from 'zod';
import { isMetricName } from '../domain/metric.ts';
import { NAME_OF_METRIC, type Task } from '../domain/task.ts';
import { primaryMetric, type Said } from './pi-prompt.ts';
import type { ProjectFiles } from './project.ts';

/** Where such a project has them. */
type Places = Readonly<Record<'measure' | 'prompt' | 'log' | 'config', string>>;

interface Read {
  readonly read?: Pick<Task['metric'], 'name' | 'direction' | 'unit'>;
  readonly problems: readonly string[];
}

/** The metric: as its log was set up last, else as the prompt says, its name also as the script prints it. */
export function readMetric({ texts }: ProjectFiles, { measure, prompt, log }: Places): Read {
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
export function readConfig(
  { texts }: ProjectFiles,
  { config }: Places,
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
