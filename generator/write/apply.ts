import { copyFile, link, mkdir, mkdtemp, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The folder of new and of replaced files. It is within the output folder, because a rename cannot cross file systems. */
const STAGING = '.fuseline-tmp-';
/** A staging folder of this age, in milliseconds, was left by a killed run. */
const ABANDONED = 3_600_000;

export interface Edits {
  /** Paths relative to the folder, with forward slashes. */
  readonly removed: readonly string[];
  /** Path and text, in the order in which they become visible. */
  readonly written: readonly (readonly [path: string, text: string])[];
}

/**
 * Makes all changes to a folder, or none. Writes new text to a staging folder and then renames it into place. A change that fails reverts
 * the changes before it. A killed run leaves only whole files, old and new ones.
 *
 * @throws the error of the file system
 */
export async function applyEdits(folder: string, { removed, written }: Edits): Promise<void> {
  if (removed.length + written.length === 0) return;
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  const staging = await mkdtemp(join(folder, STAGING));
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const [at, [, text]] of written.entries()) await writeFile(join(staging, `new-${at}`), text);
    for (const [at, path] of removed.entries()) {
      const [target, backup] = [join(folder, path), join(staging, `removed-${at}`)];
      await rename(target, backup);
      undo.push(() => rename(backup, target));
    }
    for (const [at, [path]] of written.entries()) {
      const [target, backup] = [join(folder, path), join(staging, `old-${at}`)];
      await mkdir(dirname(target), { recursive: true });
      const existed = await keep(target, backup);
      await rename(join(staging, `new-${at}`), target);
      undo.push(() => (existed ? rename(backup, target) : rm(target)));
    }
  } catch (error) {
    // If one step fails, the others still revert what they can.
    for (const step of undo.reverse()) await step().catch(() => undefined);
    for (const [path] of written) await removeEmpty(folder, path);
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  for (const path of removed) await removeEmpty(folder, path);
}

/** Links a file under a second name, or copies it if links are not supported. Returns false if the file does not exist. */
async function keep(file: string, backup: string): Promise<boolean> {
  try {
    await link(file, backup).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw error;
      return copyFile(file, backup);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Removes the empty folders of a path, from the inside out. */
async function removeEmpty(root: string, path: string): Promise<void> {
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      await rmdir(join(root, folder));
    } catch {
      return;
    }
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(STAGING)) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED) await rm(join(folder, name), { recursive: true, force: true });
  }
}
