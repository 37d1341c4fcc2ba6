import { realpathSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** A file that changes, as the watcher sees it. Tests inject one; so may who keeps the configuration elsewhere. */
export interface ConfigFile {
  /** Rejects where there is none, with an error that has a `code` such as `ENOENT`. */
  read(): Promise<Uint8Array>;
  /** Calls `changed` when the file may have changed; once too often does no harm. */
  watch(changed: () => void): { close(): void };
}

/**
 * A file on disk. Its folder is watched, not the file: editors replace files by renaming, and one that is gone may come back. Keeps no
 * process alive.
 */
export function fileOnDisk(path: string): ConfigFile {
  return {
    read: () => readFile(path),
    watch: (changed) => {
      const watchers = placesOf(path).flatMap((place) => watchFolder(place, changed) ?? []);
      return {
        close: () => {
          for (const watcher of watchers) watcher.close();
        },
      };
    },
  };
}

/** The file, and what it is a link to. */
function placesOf(path: string): readonly string[] {
  try {
    return [...new Set([path, realpathSync(path)])];
  } catch {
    return [path];
  }
}

/** Undefined where the system cannot watch (no such folder, no watches left): the regular look has to do. */
function watchFolder(path: string, changed: () => void): { close(): void } | undefined {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_, changedName) => {
      // Kubernetes replaces the link `..data`, through which the file is reached.
      if (changedName === null || changedName === name || changedName.startsWith('..')) changed();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
