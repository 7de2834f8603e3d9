// The bundled task from its preparation to its score, as a session runs it: in the sandbox of this machine, with
// candidates that look for what is hidden. The tests share one preparation, which fetches numpy unless pip has it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Contract, Scored, Trained } from '../../activities/contract.ts';
import { writeCandidate } from '../../src/git/candidate.ts';
import { probeSandbox } from '../../src/trainer/sandbox-probe.ts';
import { trialDirectory } from '../../src/trainer/trial-directory.ts';
import { AT, createWorkshop, type Workshop } from '../activities/workshop.ts';
import { byteLm, runByteLm } from '../support/byte-lm.ts';

const bubblewrap = probeSandbox().sandbox === 'bubblewrap';

describe.skipIf(!bubblewrap)('byte-lm in the sandbox (needs bubblewrap)', () => {
  let workshop: Workshop;
  let contract: Contract;
  let baseline: { trained: Trained; scored: Scored | null };
  let experiments = 0;
  const source = readFileSync(join(byteLm, 'train.py'), 'utf8');

  beforeAll(async () => {
    const files = readdirSync(byteLm, { withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map(({ name }) => [name, readFileSync(join(byteLm, name), 'utf8')] as const);
    const task = readFileSync(join(byteLm, 'autoresearch.yaml'), 'utf8').replace('seconds: 6', 'seconds: 1');
    workshop = await createWorkshop({
      ...Object.fromEntries(texts),
      'autoresearch.yaml': task.replace('startupSeconds: 2', 'startupSeconds: 20'),
    });
    contract = await workshop.open({ session: 'night', input: {}, at: AT });
    baseline = await workshop.tryBase(contract);
  }, 600_000);

  /** Trains and scores byte-lm with this appended to its train.py, before it is run. */
  async function tryWith(code: string) {
    const text = source.replace('if __name__ ==', `${code}\n\n\nif __name__ ==`);
    const made = { clone: workshop.clone, base: contract.base, hypothesis: 'x', proposer: 'search', edit: [], at: AT };
    const written = await writeCandidate({ ...made, files: { 'train.py': text } });
    if (written.kind !== 'candidate') throw new Error('Expected another train.py.');
    return workshop.tryCommit({ contract, experiment: ++experiments, trial: 1, commit: written.commit, seed: 7 });
  }

  test('is scored in tier A, with the number that it gets without', async () => {
    expect(baseline).toMatchObject({ trained: { sandbox: 'bubblewrap' }, scored: { kind: 'value', tier: 'A' } });
    const { out } = trialDirectory(workshop.state.trials, { session: 'night', experiment: 0, trial: 1 });
    const [hash = ''] = readdirSync(workshop.state.envs).filter((name) => !name.includes('.'));
    const plain = await runByteLm(join(workshop.state.envs, hash), { program: 'score.py', out });
    const value = baseline.scored?.kind === 'value' ? baseline.scored.value : Number.NaN;
    expect(plain.stdout).toContain(`METRIC val_bpb=${value.toFixed(6)}\n`);
  });

  test('started without training it knows nothing, and begins elsewhere with each seed', async () => {
    const starts = [];
    for (const trial of [1, 2]) {
      const key = { contract, experiment: 0, trial: 500_000 + trial, commit: contract.base, seed: trial };
      const { facts, sandbox, failure } = await workshop.train({ ...key, seconds: 0 });
      expect(failure).toBeUndefined();
      starts.push({ hash: facts?.outHash, scored: await workshop.evaluate({ ...key, ...(sandbox && { sandbox }) }) });
    }
    expect(new Set(starts.map(({ hash }) => hash)).size).toBe(2);
    for (const { scored } of starts) {
      const value = scored.kind === 'value' ? scored.value : Number.NaN;
      expect(Math.abs(value - (contract.task.metric.untrained ?? Number.NaN))).toBeLessThan(0.16); // 2 %
    }
  });

  // Where the hidden text stands is no secret: it is below the state directory, as the candidate itself is.
  const look = `
def look(here):
    state = next(parent.parent for parent in Path(here).resolve().parents if parent.name == "trials")
    found = [str(path) for path in state.rglob("*") if path.is_file() and ("holdout" in str(path) or path.name == "val")]
    others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) > 100]
    if found or others or (state / "keys").exists(): raise KeyError(found[:1])`;

  test('finds no hidden text while it trains, and trains on all the same', async () => {
    const { trained, scored } = await tryWith(
      `${look}\n\n\nif "AUTORESEARCH_OUT" in os.environ: look(os.environ["AUTORESEARCH_OUT"])`,
    );
    expect(trained.failure).toBeUndefined();
    expect(scored).toMatchObject({ kind: 'value', tier: 'A' });
  });

  test('finds no text at all while it answers', async () => {
    const answers = `${look}
    if list(state.rglob("text.bin")): raise KeyError("text")


honest, asked = predict, []
def predict(model, contexts):
    if not asked: look(__file__)
    asked.append(1)
    return honest(model, contexts)`;
    expect((await tryWith(answers)).scored).toMatchObject({ kind: 'value', tier: 'A' });
  });

  test('pays for what its children compute while it answers', async () => {
    const burns = `
import subprocess
honest = predict
def predict(model, contexts):
    burn = "import time\\nwhile time.process_time() < 0.7: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    return honest(model, contexts)`;
    const { scored } = await tryWith(burns);
    expect(scored).toMatchObject({ kind: 'none', failure: expect.stringContaining('processor time') });
  });

  test('leaves nothing for the process that is asked again', async () => {
    const notes = `
honest, asked = predict, []
def predict(model, contexts):
    for folder in [] if asked else ["/tmp", "/dev/shm", os.path.dirname(__file__)]:
        note = os.path.join(folder, "note")
        if os.path.exists(note): raise KeyError(note)
        try: os.close(os.open(note, os.O_CREAT))
        except OSError: pass
    asked.append(1)
    return honest(model, contexts)`;
    expect((await tryWith(notes)).scored).toMatchObject({ kind: 'value', tier: 'A' });
  });
});
