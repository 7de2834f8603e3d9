// What pi-autoresearch's prompt.md says beside its instructions: files in scope, files off limits, and the metric. It is
// prose for a model, so little is certain: what cannot be read is a mistake to be named, never a guess.
import { filesFitting, isGlob } from '../domain/globs.ts';
import { isMetricName } from '../domain/metric.ts';
import type { Direction } from '../domain/task.ts';

/** The text under a heading of the second level; empty where there is none. */
export function sectionOf(prompt: string, heading: string): string {
  const [, ...sections] = `\n${prompt}`.split(/\r?\n##[ \t]+/);
  const found = sections.find((section) => firstLine(section).toLowerCase().startsWith(heading.toLowerCase()));
  return found?.slice(firstLine(found).length) ?? '';
}

const firstLine = (text: string): string => /^[^\r\n]*/.exec(text)?.[0] ?? '';

/** What the lines of a section begin with: paths in backquotes, several with commas between them, or a list's first word. */
export function pathsNamed(section: string): readonly string[] {
  return section.split(/\r?\n/).flatMap((line) => {
    const [, bullet, text = ''] = /^\s*([-*+]|\d+[.)])?\s*(.*)$/.exec(line) ?? [];
    const quoted = /^(?:\**`[^`]+`\**(?:,| and|\s)*)+/.exec(text)?.[0].matchAll(/`([^`]+)`/g);
    if (quoted !== undefined) return [...quoted].flatMap(([, path]) => path ?? []);
    const word = /^\**([^\s:,*]+(?:\*+[^\s:,*]*)*)/.exec(text)?.[1];
    return bullet === undefined || word === undefined ? [] : [word];
  });
}

/** Every path in backquotes anywhere in a section, and what its lines begin with. */
export function pathsMentioned(section: string): readonly string[] {
  const quoted = [...section.matchAll(/`([^`\n]+)`/g)].flatMap(([, path]) => path ?? []);
  return [...new Set([...pathsNamed(section), ...quoted])];
}

/** The files that a path means: itself, all below a folder, or what a pattern fits. */
export function filesMeant(path: string, files: readonly string[]): readonly string[] {
  const plain = path.replace(/^\.\//, '').replace(/\/+$/, '');
  if (isGlob(plain)) return filesFitting(plain, files);
  return files.filter((file) => file === plain || file.startsWith(`${plain}/`));
}

/** What is said of a metric. */
export interface Said {
  readonly name?: string;
  readonly unit?: string;
  readonly direction?: Direction;
}

/** The metric that `- **Primary**: name (unit, lower is better)` names, as far as it does. */
export function primaryMetric(prompt: string): Said {
  const line =
    sectionOf(prompt, 'metric')
      .split(/\r?\n/)
      .find((one) => /^\W*primary\b/i.test(one)) ?? '';
  const name = /^\W*primary[*_:`\s]+([\w.µ]+)/i.exec(line)?.[1];
  const unit = /\(\s*([^\s,;()][^,;()]*?)\s*,/.exec(line)?.[1];
  const [lower, higher] = [/\blower\b|\bminimi[sz]e/i.test(line), /\bhigher\b|\bmaximi[sz]e/i.test(line)];
  return {
    ...(name !== undefined && isMetricName(name) && { name }),
    ...(unit !== undefined && !/\b(?:lower|higher|minimi[sz]e|maximi[sz]e)/i.test(unit) && { unit }),
    // A template that nobody filled in has both.
    ...(lower !== higher && { direction: lower ? ('minimize' as const) : ('maximize' as const) }),
  };
}
