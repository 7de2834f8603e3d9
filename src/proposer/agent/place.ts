// Where a coding agent works, and what stays of it: the prompt, its output, and at last its answer. The place is keyed by
// session, experiment and base, so that whoever looks for the agent finds it; it is a trial's directory, for its supervisor.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { editSchema } from '../../domain/experiment.ts';
import { modelWorkSchema, type ModelWork } from '../../domain/model-work.ts';
import { readJson, writeJson } from '../../trainer/durable-file.ts';
import { trimLog } from '../../trainer/trim-log.ts';
import { directoryAt, trialDirectory, trialId, type TrialDirectory } from '../../trainer/trial-directory.ts';
import { masked } from '../model/access.ts';
import { folderOf, type KeptKey } from '../model/kept-answers.ts';
import { hearLog } from './output/hear.ts';

/** The files of one agent's work. */
export interface AgentPlace {
  /** Of its process, as `exit.json` and messages have it. */
  readonly id: string;
  readonly directory: TrialDirectory;
  /** What it is told. */
  readonly prompt: string;
  /** What is wanted of it; see kept-wish.ts. */
  readonly wish: string;
  /** What came of it; written before its tree goes. */
  readonly answer: string;
  /** What earlier starts took that gave no answer. */
  readonly spent: string;
}

/** The place of one agent. */
export function agentPlace(proposals: string, { session, experiment, base }: KeptKey): AgentPlace {
  const key = { session, experiment, trial: base.slice(0, 12) };
  return { id: trialId(key), ...filesOf(trialDirectory(proposals, key)) };
}

function filesOf(directory: TrialDirectory): Omit<AgentPlace, 'id'> {
  const at = (name: string): string => join(directory.root, name);
  return {
    directory,
    prompt: at('prompt.md'),
    wish: at('wish.json'),
    answer: at('answer.json'),
    spent: at('spent.json'),
  };
}

const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('edit'), hypothesis: z.string(), edit: z.array(editSchema), work: modelWorkSchema }),
  z.object({ kind: z.literal('nothing'), hypothesis: z.string(), reason: z.string(), work: modelWorkSchema }),
]);
/** What came of an agent's work: an edit, or why there is none. */
export type AgentAnswer = z.output<typeof answerSchema>;

/** The answer, if there is one. */
export function readAgentAnswer({ answer }: Pick<AgentPlace, 'answer'>): AgentAnswer | undefined {
  const read = readJson(answer, answerSchema);
  return read.status === 'ok' ? read.value : undefined;
}

/** Writes the answer down, then lets the tree go, and the middle of a long log. Safe to repeat. */
export function settle(place: AgentPlace, answer: AgentAnswer): void {
  writeJson(place.answer, answer);
  clearTree(place);
  trimLog(place.directory.log);
}

/** Takes these words out of what an agent printed: a key that it was given may be among that. Safe to repeat. */
export function maskLog({ directory: { log } }: Pick<AgentPlace, 'directory'>, words: readonly string[]): void {
  if (lstatSync(log, { throwIfNoEntry: false })?.isFile() !== true) return;
  // As bytes: what it printed need not be text.
  const text = readFileSync(log, 'latin1');
  const left = masked(
    text,
    words.map((word) => Buffer.from(word).toString('latin1')),
  );
  if (left === text) return;
  const partial = `${log}.partial`;
  writeFileSync(partial, left, { encoding: 'latin1', mode: 0o600 });
  renameSync(partial, log);
}

/** A night of trees would fill a disk. */
export function clearTree({ directory: { tree, out, home, tmp } }: Pick<AgentPlace, 'directory'>): void {
  for (const folder of [tree, out, home, tmp]) rmSync(folder, { recursive: true, force: true });
}

/** Writes what an agent is told, whole or not at all. */
export function writePrompt({ directory, prompt }: AgentPlace, text: string): void {
  mkdirSync(directory.root, { recursive: true, mode: 0o700 });
  const partial = `${prompt}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  renameSync(partial, prompt);
}

/** What an agent took, as far as it said. */
export type Usage = Pick<ModelWork, 'turns' | 'inputTokens' | 'cachedTokens' | 'outputTokens' | 'usd'>;

const usageSchema = modelWorkSchema.pick({
  turns: true,
  inputTokens: true,
  cachedTokens: true,
  outputTokens: true,
  usd: true,
});
/** By the time of its start, so that a start that is looked at twice counts once. */
const spentSchema = z.record(z.string(), usageSchema);

/** What starts without an answer took. */
export function readSpent({ spent }: AgentPlace): Usage[] {
  const read = readJson(spent, spentSchema);
  return read.status === 'ok' ? Object.values(read.value) : [];
}

/**
 * Forgets a start that gave no answer, so that the agent is started anew; what it took stays known. Only the holder of
 * the place's lock may call it. Safe to repeat.
 */
export function forgetStart(place: AgentPlace, startedAt: string, usage: Usage): void {
  const { directory, spent } = place;
  const before = readJson(spent, spentSchema);
  writeJson(spent, { ...(before.status === 'ok' && before.value), [startedAt]: usage });
  rmSync(directory.exit, { force: true }); // first: as long as the order stands, the rest is done again
  rmSync(directory.spec, { force: true });
  clearTree(place);
}

/** Of what it said last. */
const MOST_LINES = 60;

/** What an agent was told and what it said last, for people. */
export interface AgentWork {
  readonly prompt: string;
  /** Where all that it printed stands. */
  readonly log: string;
  readonly said: string;
  readonly answer: AgentAnswer | undefined;
}

/** All agents that worked for an experiment on this machine. */
export function agentsOf(proposals: string, key: Omit<KeptKey, 'base'>): AgentWork[] {
  const folder = folderOf(proposals, key);
  if (!existsSync(folder)) return [];
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) => {
    const place = filesOf(directoryAt(join(folder, name)));
    if (!existsSync(place.prompt)) return [];
    const { log } = place.directory;
    const { said, words } = hearLog(log);
    const last = (said || words).trim().split('\n').slice(-MOST_LINES).join('\n');
    return { prompt: readFileSync(place.prompt, 'utf8'), log, said: last, answer: readAgentAnswer(place) };
  });
}
