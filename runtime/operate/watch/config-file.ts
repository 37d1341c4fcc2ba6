import { realpathSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Diagnostic } from '../../config/diagnostic.js';
import { unreadable } from '../../config/load.js';
import { diagnostic } from '../../config/source.js';
import { codeOfThrown, messageOfThrown } from '../../errors/thrown-value.js';
import type { UserObject, UserScope } from '../../user-code.js';

/** A file that changes, as the watcher sees it. Give your own for tests, or if the configuration is kept elsewhere. */
export interface ConfigFile {
  /** Rejects if there is no file, with an error that has a `code` such as `ENOENT`. */
  read(): Promise<Uint8Array>;
  /** Calls `changed` when the file may have changed. A call too many does no harm. */
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

/** The result of one read. `key` is equal for equal faults, and `explain` makes the diagnostic, which can need another look at the disk. */
export type Reading = { readonly bytes: Uint8Array } | { readonly key: string; readonly explain: () => Promise<Diagnostic> };

/** Reads a source. Never rejects, whatever the source returns or throws. `shown` and `path` are the name and the place of the file. */
export async function readSource(
  scope: UserScope,
  source: UserObject<Pick<ConfigFile, 'read'>>,
  shown: string,
  path: string,
): Promise<Reading> {
  let found: unknown;
  try {
    found = await scope.invoke(source, 'read');
  } catch (cause) {
    const key = `no text: ${codeOfThrown(cause) ?? messageOfThrown(cause)}`;
    return { key, explain: () => unreadable(shown, path, cause) };
  }
  // `instanceof` would refuse an array of another realm, and throws for a revoked Proxy.
  if (ArrayBuffer.isView(found)) return { bytes: found as Uint8Array };
  const message = `\`source.read\` returned ${typeName(found)}, expected the bytes of the file as a Uint8Array`;
  const hint = typeof found === 'string' ? 'Return `new TextEncoder().encode(text)`.' : undefined;
  return { key: message, explain: async () => diagnostic(shown, { code: 'unreadable-file', message, hint }) };
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

/** The file, and what it is a link to. */
function placesOf(path: string): readonly string[] {
  try {
    return [...new Set([path, realpathSync(path)])];
  } catch {
    return [path];
  }
}

/** Undefined if the system cannot watch (no such folder, no watches left). Then only the regular look finds a change. */
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
