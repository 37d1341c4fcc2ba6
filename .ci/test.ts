/**
 * `npm test`: every check of the project, cheap ones first, all of them whatever fails. Each step that runs no tests counts as one.
 * The last line of its output is `N passed, N failed`, with `, N skipped` if any.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Count, countLine, countOfReport, countOfStep, sum } from './count.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reports = mkdtempSync(join(tmpdir(), 'fuseline-test-'));

/** Runs a script of package.json; true where it succeeded. */
function succeeds(script: string): boolean {
  const started = performance.now();
  process.stdout.write(`\n--- npm run ${script}\n`);
  // One constant string through a shell, since npm is a batch file on Windows.
  const { status } = spawnSync(`npm run --silent ${script}`, { cwd: root, shell: true, stdio: ['ignore', 'inherit', 'inherit'] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`--- ${script.split(' ')[0]}: ${status === 0 ? 'passed' : `failed with exit code ${status}`} (${seconds} s)\n`);
  return status === 0;
}

const step = (script: string): Count => countOfStep(succeeds(script));

function vitest(script: string): Count {
  const report = join(reports, `${script.replace(':', '-')}.json`);
  const succeeded = succeeds(`${script} -- --reporter=default --reporter=json --outputFile.json="${report}"`);
  return countOfReport(report, succeeded);
}

const total = sum([step('lint'), step('types'), step('check'), vitest('test:source'), vitest('test:package')]);
rmSync(reports, { recursive: true, force: true });
process.exitCode = total.failed === 0 ? 0 : 1;
process.stdout.write(`\n${countLine(total)}\n`);
