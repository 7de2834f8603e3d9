// Which file a supervisor is started from. Plain node starts in 0.1 s, a TypeScript loader takes three times as long
// and would keep the sources' folder busy, so sources are bundled once and kept under the hash of what they are made of.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTRY = new URL('supervisor.ts', import.meta.url);
const BUILT = new URL('../../supervisor.mjs', import.meta.url);

/** The path of a supervisor that plain node can run; `cache` is where bundles are kept when running from sources. */
export async function supervisorProgram(cache: string): Promise<string> {
  if (!import.meta.url.endsWith('.ts')) return fileURLToPath(BUILT);
  const program = join(cache, `${hashOfSources()}.mjs`);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const partial = `${program}.${randomUUID()}.partial`;
  await bundleSupervisor(partial);
  renameSync(partial, program);
  return program;
}

/** Bundles the supervisor's sources into one file; the package's build calls this too. */
export async function bundleSupervisor(outfile: string): Promise<void> {
  const { build } = await import('esbuild'); // lazily: it is a development dependency
  await build({
    entryPoints: [fileURLToPath(ENTRY)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    logLevel: 'error',
  });
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const folder of [new URL('.', import.meta.url), new URL('../domain/', import.meta.url)]) {
    for (const file of readdirSync(folder).toSorted()) {
      if (file.endsWith('.ts')) hash.update(`${file}\0`).update(readFileSync(new URL(file, folder)));
    }
  }
  const zod = createRequire(import.meta.url).resolve('zod/package.json');
  return hash.update(readFileSync(zod)).digest('hex').slice(0, 16);
}
