// A project of karpathy/autoresearch, or one of its forks: prepare.py once, train.py as the file to edit, program.md as
// the instructions, `val_bpb` in the summary that training prints.
import { homeLines, prepareCommand, seedLines, usesUv } from './python-commands.ts';
import { sortPaths, type Project, type ProjectFiles, type TaskDraft } from './project.ts';

const SIGNATURE = ['prepare.py', 'program.md', 'train.py'];
/** One of these files alone stands in many a repo; two are hardly there by chance. */
const LEAST_FOUND = 2;
/** Their own, where prepare.py says none. */
const BUDGET_SECONDS = 300;
/**
 * Start-up, compilation and evaluation, which their clock leaves out: with their budget, their hard stop of 10 minutes. All
 * of it is this program's budget: train.py ends by its own clock, and a larger model that compiles or evaluates longer than
 * the baseline has overrun nothing.
 */
const BESIDE_SECONDS = 300;
/** Evaluation is silent, long on a small machine, and some forks say nothing before it. */
const STALL_SECONDS = 600;
/** Their limit on memory is soft: some more is fine for a real gain, a multiple of it is not. */
const MOST_VRAM = '1.5x';

/** Recognises a project of karpathy/autoresearch by its three files; undefined for another. */
export function karpathyProject(files: ProjectFiles): Project | undefined {
  const { found, missing } = sortPaths(files, SIGNATURE);
  if (found.length < LEAST_FOUND) return undefined;
  return { kind: 'karpathy', found, missing, derive: () => ({ draft: draftOf(files), needsUv: usesUv(files) }) };
}

function draftOf(files: ProjectFiles): TaskDraft {
  const { 'train.py': train = '', 'prepare.py': prepare = '', 'pyproject.toml': project = '' } = files.texts;
  const prepared = prepareCommand(files, 'autoresearch');
  return {
    name: /^name *= *"([^"]{1,60})"/m.exec(project)?.[1] ?? 'autoresearch',
    instructions: 'program.md',
    editable: ['train.py'],
    ...(prepared !== undefined && { prepare: prepared }),
    train: {
      // What `uv run` would start, without asking for every trial whether the environment is as it should be.
      run: ['set -e', ...homeLines(files), ...seedLines('train.py', train), 'exec python3 train.py'].join('\n'),
      seconds: (budgetIn(prepare) ?? BUDGET_SECONDS) + BESIDE_SECONDS,
      startupSeconds: 0,
      stallSeconds: STALL_SECONDS,
    },
    metric: { name: 'val_bpb', direction: 'minimize' },
    // Where training does not say it, and no GPU is there to ask, a limit would only hold the session up.
    ...(train.includes('peak_vram_mb') && { limits: { peak_vram_mb: MOST_VRAM } }),
  };
}

/** `TIME_BUDGET = 300`, or `5 * 60`; undefined where it is not written in numbers. */
function budgetIn(prepare: string): number | undefined {
  const product = /^TIME_BUDGET *= *(\d[\d_.]*(?: *\* *\d[\d_.]*)*) *(?:#.*)?$/m.exec(prepare)?.[1];
  const seconds = product?.split('*').reduce((sum, factor) => sum * Number(factor.replaceAll('_', '')), 1);
  return seconds !== undefined && seconds > 0 ? seconds : undefined;
}
