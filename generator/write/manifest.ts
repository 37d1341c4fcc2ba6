import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Lists the files that the generator owns. No other file in the output folder is ever changed or deleted. */
export const MANIFEST = '.fuseline-manifest.json';

/** Hashes by path. Paths are relative to the output folder, with forward slashes. */
export type Manifest = ReadonlyMap<string, string>;

/** @throws {Error} if the manifest exists and cannot be read: a guess could delete a user's file */
export async function readManifest(out: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(out, MANIFEST), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const files: unknown = parsed(text);
  if (typeof files !== 'object' || files === null) throw new Error(`Expected \`{ "files": { ... } }\` in ${MANIFEST}`);
  const entries = Object.entries(files);
  for (const [path, hash] of entries) {
    if (!isOwnPath(path) || typeof hash !== 'string')
      throw new Error(`Expected a path within the folder and its hash in ${MANIFEST}, found ${JSON.stringify(path)}`);
  }
  return new Map(entries as [string, string][]);
}

function parsed(text: string): unknown {
  try {
    return (JSON.parse(text) as { files?: unknown } | null)?.files;
  } catch {
    return undefined;
  }
}

/** Returns true for a path that cannot lead out of the output folder. */
export function isOwnPath(path: string): boolean {
  return (
    /^[\p{L}\p{Mn}\p{Mc}\p{Nd}_$.-]+(\/[\p{L}\p{Mn}\p{Mc}\p{Nd}_$.-]+)*$/u.test(path) &&
    !path.split('/').some((part) => part === '.' || part === '..')
  );
}

export function manifestText(files: Manifest): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const comment = 'Files that fuseline generates and owns. Other files in this folder are never touched.';
  return `${JSON.stringify({ comment, files: Object.fromEntries(sorted) }, null, 2)}\n`;
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
