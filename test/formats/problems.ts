import { InvalidInput } from '../../src/domain/invalid-input.ts';

/** The mistakes that reading something names; none where it was read. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
}
