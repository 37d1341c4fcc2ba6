import { quote } from '../../../runtime/config/quote.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import type { Cursor } from '../../read/cursor.js';
import type { Reporter } from '../../read/reporter.js';
import type { Draft } from './bundle.js';
import { TYPE_ALIASES, TYPES } from './keywords.js';

/** Reads `type`, a word or a list of words, into the draft. */
export function convertType(at: Cursor, draft: Draft, reporter: Reporter): void {
  const type = at.child('type');
  if (type.value === undefined) return;
  if (!Array.isArray(type.value)) {
    const found = oneType(type, draft, reporter);
    if (found !== undefined) draft['type'] = found;
    return;
  }
  const found = type.items().map((item) => oneType(item, draft, reporter));
  // With one unknown word in the list, the value can be anything.
  if (found.includes(undefined)) return;
  const distinct = [...new Set(found)];
  if (distinct.length > 0) draft['type'] = distinct.length === 1 ? distinct[0] : distinct;
}

function oneType(at: Cursor, draft: Draft, reporter: Reporter): string | undefined {
  if (typeof at.value === 'string' && TYPES.includes(at.value)) return at.value;
  // YAML reads an unquoted null as the value null.
  if (at.value === null && Array.isArray(at.parent?.value)) return 'null';
  const word = typeof at.value === 'string' ? at.value : undefined;
  const alias = word === undefined ? undefined : (TYPE_ALIASES.get(word.toLowerCase()) ?? sameLetters(word));
  const close = alias?.type ?? (word === undefined ? undefined : nearest(word, TYPES));
  reporter.fault(at, {
    code: 'invalid-type',
    message: `Expected \`type\` to be one of ${TYPES.join(', ')}, found ${quote(at.value)}`,
    hint: close === undefined ? undefined : `Did you mean "${close}"?`,
    done: alias === undefined ? 'read as any value' : `read as ${[alias.type, alias.format].filter(Boolean).join(', ')}`,
  });
  if (alias?.format !== undefined) draft['format'] ??= alias.format;
  return alias?.type;
}

function sameLetters(word: string): { type: string; format?: string } | undefined {
  return TYPES.includes(word.toLowerCase()) ? { type: word.toLowerCase() } : undefined;
}

const SCALARS: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean']);

/** Reads `enum`: a list without repetitions. */
export function convertEnum(at: Cursor, draft: Draft, reporter: Reporter): void {
  const list = at.child('enum');
  if (list.value === undefined) return;
  const items = list.items();
  if (items.length === 0) {
    reporter.fault(list, {
      code: 'invalid-enum',
      message: `Expected \`enum\` to be a list with a value in it, found ${Array.isArray(list.value) ? 'an empty list' : quote(list.value)}`,
      done: 'left out',
    });
    return;
  }
  const [only] = items;
  let values = items.map((item) => item.value);
  if (
    only !== undefined &&
    items.length === 1 &&
    Array.isArray(only.value) &&
    only.value.length > 0 &&
    SCALARS.has(String(draft['type']))
  ) {
    reporter.fault(list, {
      code: 'invalid-enum',
      message: `Expected \`enum\` to be a list of values of the type ${quote(draft['type'])}, found a list within the list`,
      done: 'read as the values of the inner list',
    });
    values = only.value;
  }
  const seen = new Map<string, unknown>();
  const repeated = new Set<string>();
  for (const value of values) {
    const key = JSON.stringify(value);
    if (seen.has(key)) repeated.add(key);
    else seen.set(key, value);
  }
  if (repeated.size > 0) {
    const shown = [...repeated].slice(0, 3).map((key) => quote(JSON.parse(key)));
    const more = repeated.size > shown.length ? ` and ${repeated.size - shown.length} more` : '';
    reporter.fault(list, {
      code: 'duplicate-enum-value',
      message: `An enum lists ${shown.join(', ')}${more} more than once`,
      done: 'read once',
    });
  }
  draft['enum'] = [...seen.values()];
}

/** Adds null to the values that a schema allows: `nullable: true` of OpenAPI 3.0, which 3.1 documents use as well. */
export function withNull(draft: Draft): Draft {
  const type = draft['type'];
  const values = draft['enum'];
  if (Array.isArray(values) && !values.includes(null)) draft['enum'] = [...values, null];
  const composed = '$ref' in draft || 'allOf' in draft || 'anyOf' in draft || 'oneOf' in draft || 'const' in draft || 'not' in draft;
  if (!composed) {
    if (typeof type === 'string' && type !== 'null') draft['type'] = [type, 'null'];
    else if (Array.isArray(type) && !type.includes('null')) draft['type'] = [...type, 'null'];
    return draft;
  }
  return { anyOf: [draft, { type: 'null' }] };
}
