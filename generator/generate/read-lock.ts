import { readFile } from 'node:fs/promises';

/** Returns the names that an earlier run assigned. Empty if the lock file is missing or has other content. */
export async function readNamesLock(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    const entries = Object.entries(Object(JSON.parse(text)) as object);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
