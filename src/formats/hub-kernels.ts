// Compiled kernels that a script gets from a model hub when it starts: `get_kernel("owner/name")`. Offline it finds them
// in the hub's cache below `~/.cache`, so `prepare` brings that cache, and trainings find it in their home. It stands with
// the packages, not with the data: what a hub's folder has beside the kernels is another on every machine.

/** Nothing in such a name means anything to a shell, or to a path but its one `/`. */
const NAME = /(["'])([A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95})\1/g;

/** What a script may ask the hub for: a name stands in a variable as often as in the call itself. */
export function kernelNames(script: string): readonly string[] {
  if (!/\bget_kernel\(/.test(script)) return [];
  return [...new Set([...script.matchAll(NAME)].flatMap(([, , name]) => name ?? []))];
}

/** What the hub's package calls the folder of a repo, by its version. */
const KINDS = 'models kernels';
const FETCH = 'import kernels, sys; kernels.get_kernel(sys.argv[1])';

/**
 * The lines that bring those kernels: what the person has, else what `python` fetches. One of them is enough, since a
 * script names those of other machines too.
 */
export function kernelLines(script: string, python: string): readonly string[] {
  const names = kernelNames(script);
  if (names.length === 0) return [];
  return [
    'hub="$AUTORESEARCH_ENV/.cache/huggingface/hub" got=""',
    'mkdir -p "$hub"',
    `for kernel in ${names.map((name) => `'${name}'`).join(' ')}; do`,
    `  for kind in ${KINDS}; do`,
    '    own="$XDG_CACHE_HOME/huggingface/hub/$kind--${kernel%/*}--${kernel#*/}"',
    '    if [ -d "$own" ]; then cp -RH "$own" "$hub/"; got=yes; continue 2; fi',
    '  done',
    `  if env -u XDG_CACHE_HOME HOME="$AUTORESEARCH_ENV" ${python} -c '${FETCH}' "$kernel"; then got=yes; fi`,
    'done',
    `if [ -z "$got" ]; then echo 'Expected one of the kernels that train.py names in ~/.cache/huggingface or on the hub, got none; start train.py once by hand.' >&2; exit 1; fi`,
  ];
}
