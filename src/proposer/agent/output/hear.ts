// Reads what an agent prints, whichever agent it is: each line is tried as an event of every known kind, so that a
// person's own script around one of them is understood too.
import { readFileSync } from 'node:fs';
import { listenToClaude } from './claude.ts';
import { codex } from './codex.ts';
import { listenToGemini } from './gemini.ts';
import { nothingHeard, type Dialect, type Heard } from './heard.ts';
import { opencode } from './opencode.ts';
import { hearPlain } from './plain.ts';

/** What was heard, and the lines that were words. */
export interface Output extends Heard {
  readonly words: string;
}

/** Reads a whole log; empty where there is none. */
export function hearLog(path: string): Output {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // it printed nothing, or never ran
  }
  return hear(text);
}

/** Reads lines of output. */
export function hear(text: string): Output {
  const dialects: Dialect[] = [listenToClaude(), listenToGemini(), opencode, codex];
  const heard = nothingHeard();
  const words: string[] = [];
  // oxlint-disable-next-line no-control-regex -- colours are no words
  for (const line of text.replaceAll(/\u001B\[[0-9;]*[A-Za-z]/g, '').split(/[\r\n]+/)) {
    const event = parsed(line);
    if (event !== undefined) dialects.some((listen) => listen(event, heard));
    else {
      words.push(line);
      hearPlain(line, heard);
    }
  }
  return { ...heard, words: words.join('\n') };
}

function parsed(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
