// The bundled task from its preparation to its score, as a session runs it: in the sandbox of this machine, with
// candidates that look for what is hidden. The tests share one preparation, which fetches numpy unless pip has it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { probeSandbox } from '../../src/trainer/sandbox-probe.ts';
import { trialDirectory } from '../../src/trainer/trial-directory.ts';
import { createByteLmLab, type ByteLmLab, type Tried } from '../support/byte-lm-lab.ts';
import { runByteLm } from '../support/byte-lm.ts';

const bubblewrap = probeSandbox().sandbox === 'bubblewrap';

// Skipped, by name, where there is no bubblewrap, which hides the data: CI installs it.
describe.skipIf(!bubblewrap)('byte-lm in the sandbox (needs bubblewrap)', () => {
  let lab: ByteLmLab;
  let baseline: Tried;
  beforeAll(async () => {
    lab = await createByteLmLab();
    baseline = await lab.workshop.tryBase(lab.contract);
  }, 600_000);

  test('is scored in tier A, with the number that it gets without', async () => {
    expect(baseline).toMatchObject({ trained: { sandbox: 'bubblewrap' }, scored: { kind: 'value', tier: 'A' } });
    const { out } = trialDirectory(lab.workshop.state.trials, { session: 'night', experiment: 0, trial: 1 });
    const [hash = ''] = readdirSync(lab.workshop.state.envs).filter((name) => !name.includes('.'));
    const plain = await runByteLm(join(lab.workshop.state.envs, hash), { program: 'score.py', out });
    const value = baseline.scored?.kind === 'value' ? baseline.scored.value : Number.NaN;
    expect(plain.stdout).toContain(`METRIC val_bpb=${value.toFixed(6)}\n`);
  });

  test('started without training it knows nothing, and begins elsewhere with each seed', async () => {
    const starts = await lab.starts(lab.contract.base);
    expect(new Set(starts.map(({ outHash }) => outHash)).size).toBe(2);
    for (const { value } of starts) expect(Math.abs((value ?? 0) - 8)).toBeLessThan(0.16); // 2 %
  });

  // Where the hidden text stands is no secret: it is below the state directory, as the candidate itself is.
  const look = `
def look(here):
    state = next(parent.parent for parent in Path(here).resolve().parents if parent.name == "trials")
    found = [str(path) for path in state.rglob("*") if path.is_file() and ("holdout" in str(path) or path.name == "val")]
    others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) > 100]
    if found or others or (state / "keys").exists(): raise KeyError(found[:1])`;

  test('finds no hidden text while it trains, and trains on all the same', async () => {
    const { trained, scored } = await lab.tryText(
      lab.withCode(`${look}\n\n\nif "AUTORESEARCH_OUT" in os.environ: look(os.environ["AUTORESEARCH_OUT"])`),
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
    expect((await lab.tryText(lab.withCode(answers))).scored).toMatchObject({ kind: 'value', tier: 'A' });
  });

  test('pays for what its children compute while it answers', async () => {
    const burns = `
import subprocess
honest = predict
def predict(model, contexts):
    burn = "import time\\nwhile time.process_time() < 0.7: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    return honest(model, contexts)`;
    const { scored } = await lab.tryText(lab.withCode(burns));
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
    expect((await lab.tryText(lab.withCode(notes))).scored).toMatchObject({ kind: 'value', tier: 'A' });
  });
});
