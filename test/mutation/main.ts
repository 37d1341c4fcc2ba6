/**
 * `npm run mutate`: Stryker over the runtime's core, one group of files after the other, and the scores into `docs/mutation-testing.md`.
 * `-- retry` runs one group, `-- runtime/policies/circuit-breaker/permit.ts` one file. Exit code 1 where a score is below 95.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installTools } from '../../.ci/install-tools.js';
import { chosen, MUTATED } from './groups.js';
import { scoresOf, updateTable } from './scores.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const groups = chosen(process.argv.slice(2));
installTools(here);
const stryker = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js');

for (const [name, { files, tests }] of groups) {
  process.stdout.write(`\n--- ${name}: ${files.join(', ')}\n`);
  const { status } = spawnSync(process.execPath, [stryker, 'run', join(here, 'stryker.config.json'), '--mutate', files.join(',')], {
    cwd: root,
    stdio: 'inherit',
    // Away from Greenwich, so that a date that is read as local time is noticed.
    env: { ...process.env, TZ: 'America/New_York', FUSELINE_MUTATION_TESTS: JSON.stringify(tests) },
  });
  // Stryker fails below the threshold, having written its report; without one there is nothing to keep.
  if (status !== 0) process.exitCode = 1;
  const scores = scoresOf(join(root, '.stryker-tmp/report.json'), new Date().toISOString().slice(0, 10));
  updateTable(join(root, 'docs/mutation-testing.md'), scores, MUTATED);
}
