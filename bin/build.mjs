// Builds dist/ for the package's tarball: the compiled sources, and the supervisor of trainings as one file, because it
// is started for every trial and must be up within a tenth of a second.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

register();
const { bundleSupervisor } = await import('../src/trainer/supervisor-program.ts');
await bundleSupervisor(join(dist, 'supervisor.mjs'));
