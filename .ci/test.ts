/**
 * `npm test`: every check of the project, cheap ones first, all of them whatever fails. `npm run test:nightly`: the proofs that take longer than
 * one waits for at each change. Each step that runs no tests counts as one.
 * The last line of its output is `N passed, N failed`, with `, N skipped` if any.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Count, countLine, countOfReport, countOfStep, sum } from './count.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reports = mkdtempSync(join(tmpdir(), 'fuseline-test-'));

/** Runs a script of package.json; true where it succeeded. Its output is shown as it comes, or `afterwards` in one piece. */
async function succeeds(script: string, { afterwards }: { readonly afterwards: boolean }): Promise<boolean> {
  const started = performance.now();
  const heading = `\n--- npm run ${script}\n`;
  if (!afterwards) process.stdout.write(heading);
  // One constant string through a shell, since npm is a batch file on Windows.
  const child = spawn(`npm run --silent ${script}`, {
    cwd: root,
    shell: true,
    stdio: afterwards ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (afterwards) process.stdout.write(Buffer.concat([Buffer.from(heading), ...said]));
  process.stdout.write(`--- ${script.split(' ')[0]}: ${status === 0 ? 'passed' : `failed with exit code ${status}`} (${seconds} s)\n`);
  return status === 0;
}

/** Steps of one process each, beside each other. */
async function steps(...scripts: readonly string[]): Promise<Count> {
  return sum(await Promise.all(scripts.map(async (script) => countOfStep(await succeeds(script, { afterwards: scripts.length > 1 })))));
}

async function vitest(script: string): Promise<Count> {
  const report = join(reports, `${script.replace(':', '-')}.json`);
  const command = `${script} -- --reporter=default --reporter=json --outputFile.json="${report}"`;
  return countOfReport(report, await succeeds(command, { afterwards: false }));
}

const counts =
  process.argv[2] === 'nightly'
    ? [await vitest('test:long'), await vitest('test:model'), await steps('soak')]
    : [await steps('lint', 'types', 'check'), await vitest('test:source'), await vitest('test:package')];
const total = sum(counts);
rmSync(reports, { recursive: true, force: true });
process.exitCode = total.failed === 0 ? 0 : 1;
process.stdout.write(`\n${countLine(total)}\n`);
