// simple-git for what people read (log, diff), in the environment of every other git of ours. A file of its own, so that
// the verbs of the loop do not load it.
import { simpleGit, type SimpleGit } from 'simple-git';
import { gitEnvironment, thisFolderAlone } from './git.ts';

/** simple-git in a work tree or a bare clone; its errors are simple-git's own. */
export function porcelain(directory: string): SimpleGit {
  const env = { ...gitEnvironment(), ...thisFolderAlone(directory) };
  return simpleGit({
    baseDir: directory,
    allowEnvironment: Object.keys(env),
    config: ['safe.bareRepository=all'],
    unsafe: { allowUnsafeSshCommand: true },
  }).env(env);
}
