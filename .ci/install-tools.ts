import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Installs what the `package-lock.json` of `folder` says, where it is newer than what is installed there. @throws {Error} where npm fails. */
export function installTools(folder: string): void {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs) return;
  process.stderr.write(`installing the tools of ${folder} ...\n`);
  // One constant string through a shell, since npm is a batch file on Windows. No script of theirs has to run.
  const { status } = spawnSync('npm ci --ignore-scripts --no-audit --no-fund', { cwd: folder, shell: true, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ci in ${folder} ended with ${status}`);
}
