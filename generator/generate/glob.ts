import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders that no glob searches. */
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git']);

export function isGlob(path: string): boolean {
  return /[*?{[]/.test(path);
}

/**
 * Returns the files that match a pattern with `*`, `**`, `?` and `{a,b}`, in order of path.
 *
 * @param pattern - absolute, with forward slashes
 */
export async function expandGlob(pattern: string): Promise<string[]> {
  const parts = pattern.split('/');
  const fixed = parts.findIndex(isGlob);
  const root = parts.slice(0, fixed).join('/') || '/';
  const matcher = new RegExp(`^${parts.slice(fixed).map(partExpression).join('').replace(/\/$/, '')}$`);
  const files = await filesBelow(root);
  return files.filter((file) => matcher.test(file)).map((file) => join(root, file));
}

function partExpression(part: string): string {
  if (part === '**') return '(?:[^/]+/)*';
  const text = part
    .replace(/[.+^$()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
    .replace(/\{([^{}]*)\}/g, (_, choices: string) => `(?:${choices.replaceAll(',', '|')})`);
  return `${text}/`;
}

/** Returns every file below a folder: relative paths with forward slashes, sorted. An empty list if the folder does not exist. */
export async function filesBelow(folder: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const path = `${prefix}${entry.name}`;
    if (entry.isFile()) files.push(path);
    else if (entry.isDirectory() && !SKIPPED.has(entry.name)) files.push(...(await filesBelow(join(folder, entry.name), `${path}/`)));
  }
  return files;
}
