import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GenerateOptions } from '../generate/generate.js';
import { type Paths, resolvePaths } from '../generate/paths.js';
import { displayName } from '../read/read-document.js';
import type { Parsed } from './args.js';
import type { Io } from './io.js';
import { generateOptions } from './options.js';
import type { Report } from './report.js';
import { shippedPaths } from './shipped-paths.js';

/**
 * Returns the documents and thresholds for a command that only reads: those of the project. A project that has none, and names none, uses
 * the clients that fuseline ships. A message says so.
 */
export async function readOnlyPaths(parsed: Parsed, io: Io, report: Report): Promise<Paths> {
  const options = generateOptions(parsed, io);
  const own = await resolvePaths(options);
  if (options.specs !== undefined || options.breakers !== undefined) return own;
  if ((await exists(own.specsDir)) || (await exists(own.breakersFile))) return own;
  const shipped = await shippedPaths(own.cwd);
  if (shipped === undefined) return own;
  const where = displayName(shipped.specsDir, own.cwd);
  report.say(`There is no folder specs here. The command reads the clients that fuseline ships (${where}).`);
  return { ...shipped, out: own.out };
}

/** Says which breaker YAML was read, if the project could have it in another place, too. */
export function sayWhichFile({ cwd, specsDir, breakersFile }: Paths, { breakers }: GenerateOptions, report: Report): void {
  if (breakers === undefined && dirname(breakersFile) !== specsDir) report.say(`Read ${displayName(breakersFile, cwd)}.`);
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
