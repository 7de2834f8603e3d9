// A latency, measured beside the baseline's, through the whole product.
import { afterEach, expect, it } from 'vitest';
import { createProduct, type Product } from '../../support/product.ts';

let product: Product | undefined;
afterEach(async () => product?.close());

const FILES = {
  'autoresearch.yaml': `name: latency
editable: [train.py]
train: { run: "cp train.py $AUTORESEARCH_OUT/built.py", seconds: 10 }
score: { run: python3 bench.py, seconds: 30, paired: 2 }
metric: { name: latency_ms }
`,
  'train.py': 'N = 4000000\n',
  // Of what was built, not of what stands beside it.
  'bench.py': `import os, sys, time

sys.path.insert(0, os.environ["AUTORESEARCH_OUT"])
import built

begun = time.perf_counter()
sum(range(built.N))
print("METRIC latency_ms=%r" % (1000 * (time.perf_counter() - begun)))
`,
  'propose.py': `text = open("train.py").read()
open("train.py", "w").write(text.replace("4000000", "400000"))
print("HYPOTHESIS: a tenth of the work")
`,
};

it('a program that does a tenth of the work is kept, with a tenth of the baseline’s latency as both were measured in one trial', async () => {
  product = await createProduct({ files: FILES });
  const { run } = product;
  await product.start('latency', { experiments: 1 }, '--proposer', 'command', '--command', 'python3 propose.py');
  const best = await product.ended('latency');
  expect(best).toMatchObject({ metric: 'latency_ms', paired: 2, best: { experiment: 1 }, experiments: { kept: 1 } });
  const [kept] = await product.records('latency');
  const { latency_ms = 0, baseline_latency_ms = 0 } = kept?.trials[0]?.metrics ?? {};
  expect(Math.log(latency_ms / baseline_latency_ms)).toBeCloseTo(kept?.value ?? 0, 9);
  expect(kept?.value).toBeLessThan(Math.log(0.5));
  expect((await run('show', '1', 'latency')).stdout).toMatch(/0\.\d+ times the baseline's latency_ms/);
  expect((await run('verify', 'latency')).exitCode).toBe(0);
}, 240_000);
