// Ends the test run with the one line that a script can rely on: "N passed, N failed".
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

/** Prints `N passed, N failed` as the very last line; a run that broke without a failed test counts at least 1. */
export class PlainLineReporter implements Reporter {
  onInit(): void {
    let passed = 0;
    let failed = 1; // until the end was seen: a global setup that throws never gets there
    this.onTestRunEnd = (modules, errors, reason) => {
      ({ passed, failed } = count(modules, errors, reason));
    };
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`));
  }

  onTestRunEnd(_modules: readonly TestModule[], _errors: readonly SerializedError[], _reason: TestRunEndReason): void {}
}

function count(
  modules: readonly TestModule[],
  errors: readonly SerializedError[],
  reason: TestRunEndReason,
): { passed: number; failed: number } {
  let passed = 0;
  let failed = errors.length;
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      if (state === 'failed') failed += 1;
    }
  }
  return { passed, failed: reason === 'passed' ? failed : Math.max(failed, 1) };
}
