import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Is a program there that npm does not install? Elsewhere its tests are skipped; where everything must be tested a missing one is an error.
 *
 * @throws {Error} in CI.
 */
export function hasTool(program: string, debianPackage: string): boolean {
  const found = (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)));
  if (found) return true;
  const message = `${program} is not installed: apt-get install --no-install-recommends ${debianPackage}`;
  if ((process.env['CI'] ?? '') !== '') throw new Error(message);
  process.stderr.write(`${message} (tests that need it are skipped)\n`);
  return false;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
