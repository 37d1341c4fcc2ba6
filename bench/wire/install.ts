import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Installs the SDKs beside this file, where the lock is newer than what is installed. @throws where npm fails. */
export function install(): void {
  const lock = join(HERE, 'package-lock.json');
  const installed = join(HERE, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  process.stderr.write('bench:wire: installing the SDKs into bench/wire/node_modules ...\n');
  // One constant string through a shell, since npm is a batch file on Windows. No script of theirs has to run.
  const { status } = spawnSync('npm ci --ignore-scripts --no-audit --no-fund', { cwd: HERE, shell: true, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ci in bench/wire ended with ${status}`);
}
