import { z } from 'zod';

/** The kinds of project that other programs leave, by the word for each, and what people call them. */
export const PROJECTS = {
  karpathy: 'karpathy/autoresearch',
  pi: 'pi-autoresearch',
  autokernel: 'AutoKernel',
} as const;

/** Parses the word for a kind of project. */
export const projectKindSchema = z.enum(['karpathy', 'pi', 'autokernel']);

/** A kind of project that a task can be derived from. */
export type ProjectKind = z.output<typeof projectKindSchema>;
