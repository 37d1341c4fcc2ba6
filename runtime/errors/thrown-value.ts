/**
 * Reads values that code of the user's threw. JavaScript can throw anything: a symbol, an object without a prototype, a revoked Proxy. Looking at such
 * a value can itself throw, and an error in a background task would end the process. These functions never throw.
 */

/** Returns the `code` of a thrown object, such as `ENOENT`; undefined if it has none. */
export function codeOfThrown(thrown: unknown): string | undefined {
  return read(thrown, 'code');
}

/** Returns the message of a thrown error, or the text of a thrown primitive. Anything else has no readable message. */
export function messageOfThrown(thrown: unknown): string {
  if (typeof thrown !== 'object' && typeof thrown !== 'function') return String(thrown);
  return read(thrown, 'message') ?? 'an error without a message';
}

/** Returns the name of a thrown error, or the type of any other value. */
export function nameOfThrown(thrown: unknown): string {
  return read(thrown, 'name') ?? typeof thrown;
}

function read(thrown: unknown, field: 'code' | 'message' | 'name'): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  try {
    const value = (thrown as Readonly<Record<string, unknown>>)[field];
    return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
  } catch {
    return undefined;
  }
}
