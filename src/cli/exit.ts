/** Exit codes that scripts may rely on. */
export const EXIT = { done: 0, failure: 1, badInput: 2, notFound: 3, noServer: 4 } as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
