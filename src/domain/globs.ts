// Which files a path with `*`, `**` and `?` means. The one place for that: Node has it only from version 22 on.

/** Whether a path is a pattern. */
export const isGlob = (path: string): boolean => /[*?]/.test(path);

/** The files that a pattern fits: `*` and `?` stay within a folder, `**` goes through any number of them. */
export function filesFitting(glob: string, files: readonly string[]): readonly string[] {
  const parts = glob.split(/(\*\*\/|\*\*|\*|\?)/);
  const source = parts.map((part) => IN_PATTERN[part] ?? part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = new RegExp(`^${source.join('')}$`);
  return files.filter((file) => pattern.test(file));
}

const IN_PATTERN: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
