// The package as people install it: the tarball of `npm pack`, unpacked where there is neither a clone nor a lock file.
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot, packageVersion } from '../../src/config.ts';
import type { Answer } from './product.ts';

/** An unpacked package with a state directory of its own. */
export interface InstalledPackage {
  /** Everything of it lies in here. */
  readonly folder: string;
  readonly path: string;
  readonly home: string;
  readonly run: (argv: readonly string[], cwd?: string) => Promise<Answer>;
  readonly remove: () => void;
}

/** Packs what is here, changes included, and unpacks it elsewhere. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autoresearch-package-')));
  // In a copy, because packing builds dist/, which the clone itself may be running from.
  const copy = join(folder, 'copy');
  await execa('git', ['clone', '--quiet', '--no-hardlinks', packageRoot(), copy]);
  const changed = await execa('git', ['ls-files', '--modified', '--others', '--exclude-standard', '-z'], {
    cwd: packageRoot(),
  });
  for (const name of changed.stdout.split('\0').filter((one) => one !== '' && existsSync(join(packageRoot(), one))))
    await execa('cp', ['--parents', name, copy], { cwd: packageRoot() });
  symlinkSync(realpathSync(join(packageRoot(), 'node_modules')), join(copy, 'node_modules'));
  await execa('npm', ['pack', '--offline', '--pack-destination', folder], { cwd: copy });
  await execa('tar', ['-xzf', `durable-autoresearch-${packageVersion()}.tgz`], { cwd: folder });
  rmSync(copy, { recursive: true, force: true });
  // As npm would: the package's dependencies stand above it.
  symlinkSync(realpathSync(join(packageRoot(), 'node_modules')), join(folder, 'node_modules'));

  const [path, home] = [join(folder, 'package'), join(folder, 'state')];
  const env = { AUTORESEARCH_HOME: home };
  return {
    folder,
    path,
    home,
    run: async (argv, cwd = folder) => {
      const program = join(path, 'bin', 'autoresearch.js');
      const options = { cwd, env, reject: false, stdin: 'ignore' } as const;
      const { exitCode, stdout, stderr } = await execa('node', [program, ...argv], options);
      return { exitCode, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
