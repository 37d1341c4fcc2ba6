import { inspect } from 'node:util';

/** Everything that a log could make of a value, or of each of a list; what is the same is there once. */
export function written(value: unknown): string {
  return Array.isArray(value) ? [...new Set(value.map(written))].join('\n') : writtenOne(value);
}

function writtenOne(value: unknown): string {
  return [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    String(value),
    json(value),
    ownWords(value),
  ].join('\n');
}

/** What an error says by itself: all but the `cause` that it was given. */
export function ownWords(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return [String(error), error.message, error.stack ?? '', json(error), json({ ...error })].join('\n');
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    // Sockets in causes are circular; that they cannot be written is fine.
    return String(error);
  }
}
