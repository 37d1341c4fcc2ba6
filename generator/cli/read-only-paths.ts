import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Paths, resolvePaths } from '../generate/generate.js';
import { displayName } from '../read/read-document.js';
import type { Parsed } from './args.js';
import type { Io } from './io.js';
import { generateOptions } from './options.js';
import { installedPackage } from './package-folder.js';
import type { Report } from './report.js';

/**
 * Returns the documents and thresholds for a command that only reads: those of the project. A project that has none, and names none, uses
 * the clients that fuseline ships. A message says so.
 */
export async function readOnlyPaths(parsed: Parsed, io: Io, report: Report): Promise<Paths> {
  const options = generateOptions(parsed, io);
  const own = resolvePaths(options);
  if (options.specs !== undefined || options.breakers !== undefined || (await exists(own.specsDir))) return own;
  const installed = await installedPackage();
  if (installed === undefined) return own;
  const specs = join(installed.folder, 'specs');
  report.say(`There is no folder specs here. The command reads the clients that fuseline ships (${displayName(specs, own.cwd)}).`);
  return resolvePaths({ ...options, specs });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
