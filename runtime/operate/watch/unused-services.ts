import type { Diagnostic } from '../../config/diagnostic.js';
import type { LoadResult } from '../../config/load.js';
import { quote } from '../../config/quote.js';
import { inFileOrder } from '../../config/source.js';
import { nearest } from '../../errors/nearest.js';

const CODE = 'unused-service';

/**
 * Adds a warning for each service of a file that no client has and whose name is close to that of a client. A service can rightly have no client in
 * this process, so a name that is close to none gets no warning, and neither does one that is close to a service that the file names, too.
 */
export function withUnusedServices(loaded: LoadResult, inUse: Iterable<string>): LoadResult {
  const { draft } = loaded;
  if (draft === undefined) return loaded;
  const used = new Set(inUse);
  const forgotten = [...used].filter((name) => !draft.services.has(name));
  const found = [...draft.services.values()].flatMap(({ name, namedAt }): readonly Diagnostic[] => {
    const meant = used.has(name) ? undefined : nearest(name, forgotten);
    const [path] = namedAt;
    if (meant === undefined || path === undefined) return [];
    const message = `no client in this process is of the service ${quote(name)}, so its settings have no effect here`;
    return [draft.source.diagnose(path, 'key', { severity: 'warning', code: CODE, message, hint: `Did you mean \`${meant}\`?` })];
  });
  return found.length === 0 ? loaded : { ...loaded, diagnostics: inFileOrder([...loaded.diagnostics, ...found]) };
}

const warned = new Set<string>();

/** Warns the process once of each service that is probably misspelt, because callers seldom look at the warnings of a file that was applied. */
export function warnOfUnusedServices(warnings: readonly Diagnostic[]): void {
  for (const { code, file, line, message, hint } of warnings) {
    const text = `${file}:${line ?? 1} ${message} ${hint ?? ''}`.trimEnd();
    if (code !== CODE || warned.has(text) || typeof process === 'undefined') continue;
    warned.add(text);
    process.emitWarning(text, { type: 'FuselineWarning', code: 'FUSELINE_UNUSED_SERVICE' });
  }
}
