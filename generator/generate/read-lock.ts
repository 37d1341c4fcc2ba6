import { readFile } from 'node:fs/promises';

/** Names that an earlier run gave; none where there was none, or where the file holds something else. */
export async function readNamesLock(file: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    const entries = Object.entries(Object(JSON.parse(text)) as object);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}
