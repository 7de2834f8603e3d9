// A person's command line for a coding agent, and those that are known by a name. Nothing from outside is ever part of a
// shell's text: what an agent is told stands in a file, and everything else in its environment.
import { basename } from 'node:path';

/** A known agent. */
interface Preset {
  readonly template: string;
  /** What makes it say what it took. */
  readonly flag: string;
  /** Whether it also says what that costs. */
  readonly saysCost: boolean;
}

// Each may edit files without asking, and runs no command that its own rules do not allow.
const MODEL = '${AUTORESEARCH_MODEL:+--model "$AUTORESEARCH_MODEL"}';
/** Of an agent that goes round in circles; the wall clock ends the others. */
const MOST_TURNS = 60;

const PRESETS: Readonly<Record<string, Preset>> = {
  claude: {
    template: `claude --print --output-format stream-json --verbose --permission-mode acceptEdits --max-turns ${MOST_TURNS} ${MODEL}`,
    flag: 'stream-json',
    saysCost: true,
  },
  codex: { template: `codex exec --json --sandbox workspace-write ${MODEL} -`, flag: '--json', saysCost: false },
  gemini: {
    template: `gemini --output-format stream-json --approval-mode auto_edit --skip-trust ${MODEL}`,
    flag: 'stream-json',
    saysCost: false,
  },
  opencode: { template: `opencode run --format json ${MODEL}`, flag: 'json', saysCost: true },
  aider: {
    template: `aider --message-file {prompt} --yes-always --no-auto-commits --no-dirty-commits --no-gitignore --no-pretty --no-stream --no-check-update --no-suggest-shell-commands --chat-history-file /dev/null --input-history-file /dev/null ${MODEL} {files}`,
    flag: '--message-file',
    saysCost: true,
  },
};

/** The names of the known agents. */
export const presetNames: readonly string[] = Object.keys(PRESETS);

/** Whether a session's `command` is the name of a known agent. */
export const isPreset = (command: string): boolean => presetNames.includes(command.trim());

/** The template that a session's `command` means: a known agent's, or itself. */
export function templateOf(command: string): string {
  const name = command.trim();
  return isPreset(name) ? (PRESETS[name]?.template ?? name) : name;
}

// In quotes or not; `${prompt}` is a variable of the person's own.
const PLACEHOLDER = /"\{(?:prompt|files)\}"|'\{(?:prompt|files)\}'|(?<!\$)\{(?:prompt|files)\}/g;
const FILES = 'mapfile -t AUTORESEARCH_FILES <<<"$AUTORESEARCH_EDITABLE"';
const ON_STDIN = 'exec <"$AUTORESEARCH_PROMPT"';

/** The text for `bash -c`: `{prompt}` is the prompt's file, `{files}` are the editable ones; without the first it comes on stdin. */
export function commandLine(template: string): string {
  const wants = (name: string): boolean => (template.match(PLACEHOLDER) ?? []).some((one) => one.includes(name));
  const line = template.replaceAll(PLACEHOLDER, (found) =>
    found.includes('prompt') ? '"$AUTORESEARCH_PROMPT"' : '"${AUTORESEARCH_FILES[@]}"',
  );
  return [...(wants('files') ? [FILES] : []), ...(wants('prompt') ? [] : [ON_STDIN]), line].join('\n');
}

const VALUE = String.raw`(?:"[^"$\x60]*"|'[^']*'|[^\s"'$\x60(])*`;
const WORD = new RegExp(String.raw`^(?:[A-Za-z_]\w*=${VALUE}\s+)*(?:exec\s+)?([\w./@+-]+)(?=\s|$)`);

/** The program that a template starts; undefined where only the shell can tell. */
export const programOf = (template: string): string | undefined => WORD.exec(template)?.[1];

/** What an agent says of what it took: `usd` its cost too, `tokens` no cost, `nothing` where nobody knows. */
export function countsOf(template: string): 'usd' | 'tokens' | 'nothing' {
  const preset = PRESETS[basename(programOf(template) ?? '')];
  if (preset === undefined || !template.includes(preset.flag)) return 'nothing';
  return preset.saysCost ? 'usd' : 'tokens';
}
