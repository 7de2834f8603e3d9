// A race to a target, through the whole product: what gets there sooner is kept, what ends sooner elsewhere is not, and the
// clock is nobody's but the supervisor's.
import { afterEach, expect, it } from 'vitest';
import { createProduct, type Product } from '../../support/product.ts';

let product: Product | undefined;
afterEach(async () => product?.close());

const LIMIT = 60;
const FILES = {
  'autoresearch.yaml': `name: race
editable: [train.py]
train: { run: python3 train.py, seconds: ${LIMIT} }
score: { run: python3 score.py, seconds: 30 }
metric: { name: seconds }
target: val_bpb <= 3.28
`,
  // Each step takes its time, so that half as many take half of it on any machine.
  'train.py': `import os, time

STEPS = 30

for step in range(STEPS):
    time.sleep(0.1)
    print("step", step + 1, "of", STEPS, flush=True)
with open(os.environ["AUTORESEARCH_OUT"] + "/weights", "w") as out:
    out.write("%s %s" % (3 + 4 / STEPS, os.environ["AUTORESEARCH_SECONDS"]))
print("METRIC seconds=0.001")
`,
  'score.py': `import os

reached, limit = open(os.environ["AUTORESEARCH_OUT"] + "/weights").read().split()
print("METRIC val_bpb=" + reached)
print("METRIC limit=" + limit)
print("METRIC seconds=0.001")
`,
  // Proposes half as many steps, then a third of those.
  'propose.py': `text = open("train.py").read()
fewer = text.replace("STEPS = 15", "STEPS = 5").replace("STEPS = 30", "STEPS = 15")
open("train.py", "w").write(fewer)
print("HYPOTHESIS: fewer steps")
`,
};

/** From what is best by then. */
const PROPOSER = ['--proposer', 'command', '--command', 'python3 propose.py', '--lookahead', '0'];

it('a training that gets there sooner is kept, and one that is faster still and misses is not', async () => {
  product = await createProduct({ files: FILES });
  const { run } = product;
  await product.start('race', { experiments: 2 }, ...PROPOSER);
  const best = await product.ended('race');
  const [kept, missed] = await product.records('race');

  expect(kept).toMatchObject({ verdict: 'keep', trials: [{ metrics: { val_bpb: 3 + 4 / 15, limit: LIMIT } }] });
  expect(missed).toMatchObject({
    verdict: 'discard',
    gain: null,
    reason: 'reached 3.8, 0.52 short of val_bpb <= 3.28',
  });
  const seconds = [best.baseline?.value ?? 0, kept?.value ?? 0, missed?.value ?? 0];
  for (const [k, least] of [3, 1.5, 0.5].entries()) expect(seconds[k]).toBeGreaterThanOrEqual(least);
  expect(seconds).toEqual(seconds.toSorted((left, right) => right - left));
  expect(best).toMatchObject({
    metric: 'seconds',
    target: 'val_bpb <= 3.28',
    best: { experiment: 1, value: kept?.value },
  });

  expect((await run('show', '2', 'race')).stdout).toContain('reached 3.8, 0.52 short of val_bpb <= 3.28');
  expect((await run('status', 'race')).stdout).toContain('seconds to val_bpb <= 3.28, lower is better');
  const log = (await run('results', 'race', '--format', 'pi')).stdout.trim().split('\n');
  expect(log.map((line) => (JSON.parse(line) as { status?: string }).status)).toEqual([
    undefined,
    'keep',
    'keep',
    'checks_failed',
  ]);
  expect((await run('verify', 'race')).exitCode).toBe(0);
}, 240_000);
