// Whether a symbolic link leads out of its tree, also by way of other links. Pure: paths in, path out.

/** Longest chain of links that the kernel follows (Linux: 40). */
const MAX_HOPS = 40;

/** The first link (of `path -> target`) that leads out of the tree, or runs in circles; undefined when none does. */
export function escapingLink(links: ReadonlyMap<string, string>): string | undefined {
  return [...links.keys()].find((path) => !staysInside(path, links));
}

function staysInside(path: string, links: ReadonlyMap<string, string>): boolean {
  const ahead = path.split('/');
  const done: string[] = [];
  let hops = 0;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) return false;
      continue;
    }
    const target = links.get([...done, part].join('/'));
    if (target === undefined) {
      done.push(part);
      continue;
    }
    hops += 1;
    if (target.startsWith('/') || hops > MAX_HOPS) return false;
    ahead.unshift(...target.split('/'));
  }
  return true;
}
