/** `npm run mutate`: Stryker over the runtime's core. Further arguments are Stryker's: `-- --mutate runtime/breaker/transition.ts`. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installTools } from '../../.ci/install-tools.js';

const here = fileURLToPath(new URL('.', import.meta.url));
installTools(here);
const stryker = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js');
const args = [stryker, 'run', join(here, 'stryker.config.json'), ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: join(here, '../..'), stdio: 'inherit' });
process.exitCode = status ?? 1;
