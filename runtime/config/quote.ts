const MAX_SHOWN = 80;

/** Characters that move a terminal's cursor or reorder its text, and line ends at which a frame does not split. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Returns text from a document in a form that is safe to print: control characters are escaped. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (found) => (found === '\t' ? '\t' : `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`));
}

/** Returns a value from a document for a message: shortened, printable, and in double quotes if it is a string. */
export function quote(value: unknown): string {
  const shown = typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'a mapping') : JSON.stringify(value);
  const safe = printable(shown ?? 'nothing');
  return safe.length > MAX_SHOWN ? `${safe.slice(0, MAX_SHOWN)}…` : safe;
}
