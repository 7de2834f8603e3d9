// services.json: which of our background processes run, and on which ports the embedded server is to be found again.
// It is a note, not the truth: a process counts only while its identity is that of a live one (see marked-processes.ts).
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { needUsable, type StateDirectory } from '../config.ts';
import type { Say } from './temporal-sources.ts';

/** The background processes that there can be. */
export const SERVICE_NAMES = ['temporal-server', 'control-worker', 'device-worker', 'watchdog'] as const;

/** The name of one of our background processes. */
export type ServiceName = (typeof SERVICE_NAMES)[number];

const entrySchema = z.object({
  name: z.enum(SERVICE_NAMES),
  pid: z.int().positive(),
  startTime: z.string(),
  bootId: z.string(),
  startedAt: z.string(),
  log: z.string(),
  /** What it runs: code and server. A process that runs something else than wanted is started again. */
  runs: z.string(),
  /** Whether a control worker was started with a model's key; absent where nobody knows, as with what systemd runs. */
  hasKey: z.boolean().optional(),
});

const port = z.int().min(1).max(65_535);
const fileSchema = z.object({
  format: z.literal(1),
  ports: z.object({ grpc: port, ui: port, http: port }).optional(),
  processes: z.array(entrySchema),
});

/** One background process as services.json remembers it. */
export type ServiceEntry = Readonly<z.infer<typeof entrySchema>>;

/** What services.json holds. */
export type ServicesFile = Readonly<z.infer<typeof fileSchema>>;

const NOTHING: ServicesFile = { format: 1, processes: [] };

/** services.json as it was found: damaged, it counts as empty, and `damage` is what it is instead. */
export interface FoundServices {
  readonly file: ServicesFile;
  readonly damage?: string;
}

/** Reads services.json, and leaves a damaged one where it is. */
export function readServicesFile(directory: StateDirectory): FoundServices {
  let text: string;
  try {
    text = readFileSync(directory.services, 'utf8');
  } catch (error) {
    if (z.object({ code: z.literal('ENOENT') }).safeParse(error).success) return { file: NOTHING };
    if (z.object({ code: z.enum(['ENOTDIR', 'EACCES']) }).safeParse(error).success) needUsable(directory.root);
    throw error;
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return { file: NOTHING, damage: `no JSON (${error instanceof Error ? error.message : String(error)})` };
  }
  const parsed = fileSchema.safeParse(content);
  if (parsed.success) return { file: parsed.data };
  const damage = parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; ');
  return { file: NOTHING, damage };
}

/**
 * Reads services.json for one who writes it anew: a damaged one is moved aside and named to the person. The caller holds
 * the services' lock, so that nobody else moves it, or writes it meanwhile.
 */
export function takeServicesFile(directory: StateDirectory, say: Say): ServicesFile {
  const { file, damage } = readServicesFile(directory);
  if (damage === undefined) return file;
  const aside = `${directory.services}.damaged-${Date.now()}`;
  renameSync(directory.services, aside);
  say(`${damagedSentence(directory, damage)}; it is kept as ${aside} and a new one is written.`);
  return file;
}

/** What is wrong with a damaged services.json, without a full stop. */
export const damagedSentence = (directory: StateDirectory, damage: string): string =>
  `Expected ${directory.services} to be a list of services, got ${damage}`;

/** Writes services.json whole or not at all. The caller holds the services' lock. */
export function writeServicesFile(directory: StateDirectory, file: ServicesFile): void {
  const mine = `${directory.services}.${process.pid}`;
  try {
    writeFileSync(mine, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(mine, directory.services);
  } finally {
    rmSync(mine, { force: true });
  }
}
