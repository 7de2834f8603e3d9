// Some thirty edits of tasks/byte-lm/train.py as people and models make them in good faith, many at the edge of what a gate
// could dislike. Each changes what the program does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/config.ts';

/** The bundled task's training script. */
export const TRAIN = readFileSync(join(packageRoot(), 'tasks', 'byte-lm', 'train.py'), 'utf8');

/** The script with texts exchanged; throws when one of them is not there. */
export function trainWith(...changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((source, [search, replace]) => {
    if (!source.includes(search)) throw new Error(`Expected train.py to contain ${search}`);
    return source.replace(search, () => replace);
  }, TRAIN);
}

const STEP = '        adam.step(model, gradient, learning_rate(elapsed / seconds))\n';
const PLACES = '        places = rng.integers(CONTEXT, len(text), BATCH_SIZE)\n';
const IMPORT = 'import numpy as np\n';

/** Edits by what they are. */
export const HONEST: readonly (readonly [string, string])[] = [
  ['another rate', trainWith(['LEARNING_RATE = 1e-3', 'LEARNING_RATE = 4e-3'])],
  ['a larger model', trainWith(['HIDDEN_DIM = 128', 'HIDDEN_DIM = 2**8'], ['EMBED_DIM = 16', 'EMBED_DIM = 24'])],
  ['a schedule', trainWith(['LR_SCHEDULE = "constant"', 'LR_SCHEDULE = "cosine"'])],
  ['warm-up', trainWith(['WARMUP_FRACTION = 0.0', 'WARMUP_FRACTION = 0.05'])],
  ['gradient clipping', trainWith([STEP, `        norm = np.sqrt(sum((g * g).sum() for g in gradient.values()))\n        if norm > 1:\n            gradient = {name: g / norm for name, g in gradient.items()}\n${STEP}`])], // prettier-ignore
  ['Nesterov momentum', trainWith(['            w -= size * m /', '            w -= size * (BETA1 * m + (1 - BETA1) * g) /'])], // prettier-ignore
  ['Lion instead of Adam', trainWith(['            w -= size * m / (np.sqrt(v) + 1e-8)\n', '            w -= 0.1 * rate * np.sign(m)\n'])], // prettier-ignore
  ['averaged weights', trainWith([STEP, `${STEP}        for name, w in model.items():\n            mean[name] += 0.01 * (w - mean[name])\n`], ['    adam = Adam(model)\n', '    adam = Adam(model)\n    mean = {name: w.copy() for name, w in model.items()}\n'], ['    return steps, elapsed, smooth', '    model.update(mean)\n    return steps, elapsed, smooth'])], // prettier-ignore
  ['weight decay on matrices', trainWith(['WEIGHT_DECAY = 0.0', 'WEIGHT_DECAY = 0.01'])],
  ['a second hidden layer', trainWith(['        "b1": np.zeros(HIDDEN_DIM, np.float32),\n', '        "b1": np.zeros(HIDDEN_DIM, np.float32),\n        "W3": normal(HIDDEN_DIM, HIDDEN_DIM, INIT_SCALE / np.sqrt(HIDDEN_DIM)),\n'])], // prettier-ignore
  ['a skip of bigrams', trainWith(['    return h @ model["W2"] + model["b2"]', '    return h @ model["W2"] + model["b2"] + model["S"][x[:, -1]]'], ['        "b1": np.zeros(HIDDEN_DIM, np.float32),\n', '        "b1": np.zeros(HIDDEN_DIM, np.float32),\n        "S": np.zeros((VOCABULARY, VOCABULARY), np.float32),\n'], ['"b2": p.sum(axis=0)}', '"b2": p.sum(axis=0), "S": one_hot[:, CONTEXT - 1 :: CONTEXT] @ p}'])], // prettier-ignore
  ['another activation', trainWith(['ACTIVATION = "tanh"', 'ACTIVATION = "relu"'])],
  ['tied weights', trainWith(['HIDDEN_DIM = 128', 'HIDDEN_DIM = EMBED_DIM'], ['EMBED_DIM = 16', 'EMBED_DIM = 32'], ['        "W2": normal(HIDDEN_DIM, VOCABULARY, 0.01),  # near zero: the first predictions are uniform\n', ''], ['h @ model["W2"]', 'h @ model["E"].T'], ['p @ model["W2"].T', 'p @ model["E"]'], ['"E": one_hot @ de,', '"E": one_hot @ de + p.T @ h,'], ['"W2": h.T @ p, ', ''])], // prettier-ignore
  ['batches of whole runs', trainWith([PLACES, '        start = rng.integers(CONTEXT, len(text) - BATCH_SIZE)\n        places = np.arange(start, start + BATCH_SIZE)\n'])], // prettier-ignore
  ['a shuffled order without repeats', trainWith([PLACES, '        if steps % 1000 == 0:\n            order = rng.permutation(len(text) - CONTEXT) + CONTEXT\n        places = order[(steps % 1000) * BATCH_SIZE :][:BATCH_SIZE]\n'])], // prettier-ignore
  ['a second stream of random numbers', trainWith(['    model = init_model(rng)', '    data_rng, init_rng = rng.spawn(2)\n    model = init_model(init_rng)'])], // prettier-ignore
  ['a stream beside the first', trainWith(['    model = init_model(rng)', '    model = init_model(np.random.default_rng(int(os.environ["AUTORESEARCH_SEED"]) + 1))'])], // prettier-ignore
  ['growing batches', trainWith([PLACES, '        size = BATCH_SIZE if elapsed < seconds / 2 else 2 * BATCH_SIZE\n        places = rng.integers(CONTEXT, len(text), size)\n'])], // prettier-ignore
  ['no garbage collection', trainWith(['import os\n', 'import gc\nimport os\n'], ['    adam = Adam(model)\n', '    adam = Adam(model)\n    gc.collect()\n    gc.freeze()\n    gc.disable()\n'])], // prettier-ignore
  ['float16 weights on disk', trainWith(['    np.savez(Path(folder) / "model.npz", **model)', '    np.savez(Path(folder) / "model.npz", **{name: w.astype(np.float16) for name, w in model.items()})'], ['{name: weights[name] for', '{name: weights[name].astype(np.float32) for'])], // prettier-ignore
  ['pickled weights', trainWith(['import os\n', 'import os\nimport pickle\n'], ['    np.savez(Path(folder) / "model.npz", **model)', '    Path(folder, "model.pkl").write_bytes(pickle.dumps(model))'], ['    with np.load(Path(folder) / "model.npz") as weights:\n        return {name: weights[name] for name in weights.files}', '    return pickle.loads(Path(folder, "model.pkl").read_bytes())'])], // prettier-ignore
  ['a clean-up of the loop', trainWith(['            share = 100 * elapsed / seconds\n            left = seconds - elapsed\n', ''], ['({share:.1f}%)', '({elapsed / seconds:.1%})'], ['{left:.0f}', '{seconds - elapsed:.0f}'])], // prettier-ignore
  ['less code', trainWith(['    if ACTIVATION == "relu":\n        return np.maximum(z, 0), (z > 0).astype(np.float32)\n', ''])], // prettier-ignore
  ['a dataclass of settings', trainWith([IMPORT, `${IMPORT}from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Settings:\n    context: int = 8\n    rate: float = 1e-3\n`])], // prettier-ignore
  ['a cache of one-hot rows', trainWith([IMPORT, `import functools\n\n${IMPORT}\n\n@functools.lru_cache(maxsize=None)\ndef eye(size):\n    return np.eye(VOCABULARY, size, dtype=np.float32)\n\n`])], // prettier-ignore
  ['batches made ahead by a thread', trainWith([IMPORT, `import queue\nimport threading\n\n${IMPORT}`], ['    adam = Adam(model)\n', '    adam = Adam(model)\n    ready = queue.Queue(4)\n    stop = threading.Event()\n\n    def fill():\n        while not stop.is_set():\n            try:\n                ready.put(rng.integers(CONTEXT, len(text), BATCH_SIZE), timeout=0.1)\n            except queue.Full:\n                pass\n\n    loader = threading.Thread(target=fill)\n    loader.start()\n'], [PLACES, '        places = ready.get()\n'], ['    return steps, elapsed, smooth', '    stop.set()\n    loader.join()\n    return steps, elapsed, smooth'])], // prettier-ignore
  ['work on several cores', trainWith([IMPORT, `from concurrent.futures import ThreadPoolExecutor\n\n${IMPORT}`], ['    adam = Adam(model)\n', '    adam = Adam(model)\n    pool = ThreadPoolExecutor(max_workers=os.cpu_count())\n'])], // prettier-ignore
  ['a library, where it is there', trainWith([IMPORT, `import importlib.util\n\n${IMPORT}\nFAST = importlib.util.find_spec("numba") is not None\n`])], // prettier-ignore
  [
    'a function chosen by its name',
    trainWith(['        h = np.tanh(z)\n', '        h = getattr(np, ACTIVATION)(z)\n']),
  ],
  [
    'a flag that is called like a builtin',
    trainWith(
      [IMPORT, `${IMPORT}\ncompile = False  # later\n`],
      ['    adam = Adam(model)\n', '    adam = Adam(model)\n    if compile:\n        print("compiled")\n'],
    ),
  ],
  ['n-gram counts as a table', trainWith(['    model = init_model(rng)\n', '    model = init_model(rng)\n    counts = np.ones((VOCABULARY, VOCABULARY))\n    np.add.at(counts, (text[:-1], text[1:]), 1)\n    model["b2"] = np.log(counts.sum(axis=0) / counts.sum()).astype(np.float32)\n'])], // prettier-ignore
];
