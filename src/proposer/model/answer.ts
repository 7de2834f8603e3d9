// What a model answers: one edit, as the input of a tool. Whatever it says is checked here; what does not fit is said back
// to it, in words that it can mend.
import { z } from 'zod';
import type { Edit } from '../../domain/experiment.ts';
import { KINDS } from '../../domain/model-work.ts';
import { applyEdit } from '../edit.ts';
import type { Files } from '../proposer.ts';
import { editBetween } from './whole-file.ts';

const MOST_WORDS = 300;

/** The tool's input. */
export const answerSchema = z.object({
  hypothesis: z
    .string()
    .describe(
      `one line of at most ${MOST_WORDS} characters: what is changed and why it should help; it becomes the commit's subject`,
    ),
  kind: z.enum(KINDS).describe('what sort of idea it is'),
  expected_gain: z
    .number()
    .describe('how much you expect the metric to improve, in its own units; 0 where you cannot tell'),
  edits: z
    .array(
      z.object({
        file: z.string().describe('path as shown'),
        search: z
          .string()
          .describe('a passage of the file as it stands there, character by character, that occurs exactly once'),
        replace: z.string().describe('what stands there instead'),
      }),
    )
    .default([])
    .describe('changes of passages, applied in their order'),
  files: z
    .array(z.object({ file: z.string(), content: z.string() }))
    .default([])
    .describe('instead of `edits`, whole files anew: only where nearly all of a file changes'),
  differs: z
    .string()
    .default('')
    .describe('only where you were told that it was tried before: why it should come out otherwise now'),
});

/** A model's edit, or what is wrong with its answer, in a sentence to it. */
export type ReadAnswer =
  | {
      readonly kind: 'proposal';
      readonly hypothesis: string;
      readonly edit: Edit[];
      readonly files: Record<string, string>;
      /** Why it should come out otherwise than what it is like; empty where it does not say. */
      readonly differs: string;
    }
  | { readonly kind: 'wrong'; readonly reason: string };

/** Reads the tool's input against the files that it is to change; text is what came where that was no JSON. */
export function readAnswer(files: Files, input: unknown): ReadAnswer {
  if (typeof input === 'string')
    return wrong(`Expected the input to be JSON, with \\n for each line break in a string, got ${faultOf(input)}.`);
  const parsed = answerSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return wrong(
      `Expected ${issue?.path.join('.') || 'the input'} as the tool describes it: ${issue?.message ?? 'something else came'}.`,
    );
  }
  const { hypothesis, edits, files: whole } = parsed.data;
  const unknown = [...edits, ...whole].find(({ file }) => !Object.hasOwn(files, file));
  if (unknown !== undefined)
    return wrong(`Expected \`file\` to be one of ${Object.keys(files).join(', ')}, got ${unknown.file}.`);
  const changing = edits.filter(({ search, replace }) => search !== replace);
  const replaced: Edit[] = changing.map((one) => ({ op: 'replace', ...one }));
  const first = applyEdit(files, replaced);
  if (!first.ok) return wrong(first.reason);
  const rewritten = whole.flatMap(({ file, content }) => editBetween(file, first.files[file] ?? '', content));
  const edit = [...replaced, ...rewritten];
  const applied = applyEdit(files, edit);
  if (!applied.ok) return wrong(applied.reason);
  if (Object.entries(applied.files).every(([path, text]) => text === files[path]))
    return wrong('Expected an edit that changes something, got none.');
  return {
    kind: 'proposal',
    hypothesis: hypothesis.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_WORDS) || '(no hypothesis)',
    edit,
    files: applied.files,
    differs: parsed.data.differs.trim(),
  };
}

const wrong = (reason: string): ReadAnswer => ({ kind: 'wrong', reason });

/** What is wrong with text that is to be JSON. */
function faultOf(text: string): string {
  try {
    JSON.parse(text);
    return 'a string';
  } catch (error) {
    return `what does not parse: ${error instanceof Error ? error.message : String(error)}`;
  }
}
