import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Count, countLine, countOfReport, countOfStep, sum } from '../../.ci/count.js';

const folder = mkdtempSync(join(tmpdir(), 'fuseline-count-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function count(report: object, succeeded: boolean): Count {
  const file = join(folder, 'report.json');
  const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  writeFileSync(file, JSON.stringify({ ...none, ...report }));
  return countOfReport(file, succeeded);
}

describe('the count of a test run', () => {
  it.each([
    ['all passed', { numPassedTests: 7 }, true, '7 passed, 0 failed'],
    ['some were skipped', { numPassedTests: 7, numPendingTests: 1, numTodoTests: 1 }, true, '7 passed, 0 failed, 2 skipped'],
    ['some failed', { numPassedTests: 7, numFailedTests: 2 }, false, '7 passed, 2 failed'],
    ['a file did not load', { numPassedTests: 7, testResults: [{ status: 'failed', assertionResults: [] }] }, false, '7 passed, 1 failed'],
    ['an error came from outside the tests', { numPassedTests: 7 }, false, '7 passed, 1 failed'],
  ])('%s', (_, report, succeeded, line) => {
    expect(countLine(count(report, succeeded))).toBe(line);
  });

  it('is a failure where there is no report, whatever the exit code', () => {
    for (const succeeded of [true, false]) expect(countOfReport(join(folder, 'none.json'), succeeded).failed).toBe(1);
  });

  it('adds up with that of other steps', () => {
    const total = sum([countOfStep(true), countOfStep(false), { passed: 5, failed: 0, skipped: 2 }]);
    expect(total).toEqual({ passed: 6, failed: 1, skipped: 2 });
  });
});
