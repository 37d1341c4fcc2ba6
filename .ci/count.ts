import { readFileSync } from 'node:fs';

/** Outcomes of tests, and of steps counted as one test. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A step that runs no tests of its own. */
export function countOfStep(succeeded: boolean): Count {
  return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
}

/**
 * The counts in a report of Vitest's JSON reporter. A run that failed without a failed test counts as one failure at least: a file that does
 * not load, an unhandled rejection, a crash before the report was written.
 */
export function countOfReport(file: string, succeeded: boolean): Count {
  const report = readReport(file);
  if (report === undefined) return countOfStep(false);
  const unloaded = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  const failed = report.numFailedTests + unloaded.length;
  return {
    passed: report.numPassedTests,
    failed: succeeded ? failed : Math.max(1, failed),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** All of them together. */
export function sum(counts: readonly Count[]): Count {
  const total = (key: keyof Count): number => counts.reduce((soFar, count) => soFar + count[key], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}

/** `12 passed, 0 failed`, and what was skipped if anything was. */
export function countLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
