// A project of AutoKernel: kernel.py is edited, bench.py says whether it is correct and how fast. One kernel at a time.
import { homeLines, prepareCommand, usesUv } from './python-commands.ts';
import { sortPaths, type Project, type ProjectFiles, type TaskDraft } from './project.ts';

const SIGNATURE = ['bench.py', 'kernel.py'];
/** What tells their bench.py from all others. */
const METRIC = 'throughput_tflops';
/** Theirs: a bench that takes longer hangs. */
const BENCH_SECONDS = 180;
/** One case of theirs may take 30 s, and a size sweep is silent. */
const STALL_SECONDS = 180;
/** The gate only reads what the bench has printed. */
const GATE_SECONDS = 10;
/** Theirs: less is not worth a keep. */
const LEAST_GAIN = '1%';
const LONGEST_NAME = 60;

/** Recognises a project of AutoKernel by a bench that prints its metric; undefined for another. */
export function autokernelProject(files: ProjectFiles): Project | undefined {
  if (!(files.texts['bench.py'] ?? '').includes(METRIC)) return undefined;
  const { found, missing } = sortPaths(files, SIGNATURE);
  return { kind: 'autokernel', found, missing, derive: () => ({ draft: draftOf(files), needsUv: usesUv(files) }) };
}

function draftOf(files: ProjectFiles): TaskDraft {
  const prepared = prepareCommand(files, 'autokernel');
  const kernel = /^KERNEL_TYPE *= *["']([\w -]+)["']/m.exec(files.texts['kernel.py'] ?? '')?.[1] ?? 'kernel';
  return {
    name: kernel.slice(0, LONGEST_NAME),
    ...(files.modes.has('program.md') && { instructions: 'program.md' }),
    editable: ['kernel.py'],
    ...(prepared !== undefined && { prepare: prepared }),
    train: {
      // What it prints is kept where the gate below may read it.
      run: ['set -eo pipefail', ...homeLines(files), 'python3 bench.py 2>&1 | tee "$AUTORESEARCH_OUT/bench.log"'].join(
        '\n',
      ),
      seconds: BENCH_SECONDS,
      startupSeconds: 0,
      stallSeconds: STALL_SECONDS,
    },
    metric: { name: METRIC, direction: 'maximize', least: LEAST_GAIN },
    checks: [{ name: 'correctness', run: GATE, seconds: GATE_SECONDS }],
  };
}

// A wrong kernel may be as fast as it likes: every line about correctness has to say PASS, and there has to be one.
const GATE = `set -e
grep '^correctness:' "$AUTORESEARCH_OUT/bench.log" | tail -n 1 >&2
grep -q '^correctness: *PASS' "$AUTORESEARCH_OUT/bench.log"
! grep '^correctness:' "$AUTORESEARCH_OUT/bench.log" | grep -qv ': *PASS'`;
