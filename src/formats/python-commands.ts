// How a Python project of another program is prepared and trained here. These projects keep their data under
// `~/.cache` and call everything through `uv run`; a trial has a home of its own, no network, and must not install.
// So `prepare` makes one environment and one home for data, and a training finds both.
import { kernelLines, kernelNames } from './hub-kernels.ts';
import type { ProjectFiles, TaskDraft } from './project.ts';

/** Downloads of gigabytes, on a slow line too. */
const PREPARE_SECONDS = 3 * 3600;
const ENVIRONMENT_FILES = ['pyproject.toml', 'uv.lock', '.python-version'];

/** Whether uv makes the project's environment; other projects run in the Python that is first in PATH. */
export function usesUv({ modes, texts }: ProjectFiles): boolean {
  return modes.has('uv.lock') || /^\[project\]/m.test(texts['pyproject.toml'] ?? '');
}

/**
 * The `prepare` of a task; undefined where there is nothing to prepare. `cache` is the folder below `~/.cache` where the
 * project keeps its data: what the person has there already is taken as it is, as their own start of the script would.
 */
export function prepareCommand(files: ProjectFiles, cache: string): TaskDraft['prepare'] {
  const isUv = usesUv(files);
  const hasScript = files.modes.has('prepare.py');
  if (!isUv && !hasScript) return undefined;
  const python = isUv ? '"$AUTORESEARCH_ENV/bin/python3"' : 'python3';
  const lines = [
    'set -e',
    ...(isUv ? ['UV_PROJECT_ENVIRONMENT="$AUTORESEARCH_ENV" uv sync'] : []),
    ...(hasScript
      ? [
          'mkdir -p "$AUTORESEARCH_DATA/.cache"',
          `if [ -d "$XDG_CACHE_HOME/${cache}" ]; then cp -RL "$XDG_CACHE_HOME/${cache}" "$AUTORESEARCH_DATA/.cache/"; fi`,
          `env -u XDG_CACHE_HOME HOME="$AUTORESEARCH_DATA" ${python} prepare.py`,
          ...kernelLines(files.texts['train.py'] ?? '', python),
        ]
      : []),
  ];
  const inputs = ['prepare.py', ...ENVIRONMENT_FILES].filter((path) => files.modes.has(path));
  return { run: lines.join('\n'), inputs, seconds: PREPARE_SECONDS };
}

/** The lines that put what was prepared where a script looks for it. */
export function homeLines(files: ProjectFiles): readonly string[] {
  if (!files.modes.has('prepare.py')) return [];
  const asksHub = kernelNames(files.texts['train.py'] ?? '').length > 0;
  return [
    'mkdir -p ~/.cache',
    'ln -sfn "$AUTORESEARCH_DATA"/.cache/* ~/.cache/',
    // What is not there shall be missed at once, not looked for where there is no network.
    ...(asksHub ? ['ln -sfn "$AUTORESEARCH_DATA/../env/.cache/huggingface" ~/.cache/', 'export HF_HUB_OFFLINE=1'] : []),
  ];
}

// `torch.manual_seed(42)`, `mx.random.seed(1_337)`, `np.random.RandomState(0)`, and a constant, field or argument of that
// name: `SEED: int = 0x2a`. They are read here and by sed, and so have nothing that means something else to one of them.
const NUMBER = '(0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)';
/** What does not go on with a number. */
const END = '([^0-9A-Za-z_.]|$)';
const MAKER = String.raw`([A-Za-z_.]*seed(_all)?|default_rng|PRNGKey|RandomState|random\.Random|random\.key)`;
const CALL = String.raw`(${MAKER}\( *(seed *= *)?)${NUMBER}( *\))`;
const CONSTANT = String.raw`^( *(RANDOM_|random_)?(SEED|seed)( *: *int)? *= *)${NUMBER}${END}`;
const OWN = `'"$AUTORESEARCH_SEED"'`;

/**
 * The line that writes the trial's seed over a script's own, in the trial's tree; none where it has no literal seed. With
 * one seed for all trials a replicate would say nothing, and a candidate could choose a lucky one.
 */
export function seedLines(script: string, text: string): readonly string[] {
  if (![CALL, CONSTANT].some((pattern) => new RegExp(pattern, 'm').test(text))) return [];
  // Of both the first group is the text before the number, and the sixth what follows it.
  const [call, constant] = [`s/${CALL}/\\1${OWN}\\6/g`, `s/${CONSTANT}/\\1${OWN}\\6/`];
  return [`sed -i.as-committed -E '${call}; ${constant}' ${script}`];
}
