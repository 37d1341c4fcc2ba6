import { quote } from '../../../runtime/config/quote.js';
import type { Cursor } from '../../read/cursor.js';
import { isObject, own } from '../../read/json.js';
import type { Reporter } from '../../read/reporter.js';
import type { Draft } from './bundle.js';

const SHAPES = ['additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf', 'const', 'not'];

/**
 * Widens types that, as declared, would refuse values that the server accepts and sends. An object without properties allows any properties
 * (as in JSON Schema; the literal TypeScript type would be empty). An "object" whose example is not an object allows any value. An enum
 * without a value of the declared type loses that type.
 */
export function widen(at: Cursor, draft: Draft, reporter: Reporter): Draft {
  const properties = draft['properties'];
  const empty = isObject(properties) && Object.keys(properties).length === 0;
  if (empty) delete draft['properties'];
  if (draft['type'] === undefined && isObject(properties) && !empty && !composed(draft)) draft['type'] = 'object';
  if (draft['type'] === undefined && isObject(draft['items']) && !composed(draft)) draft['type'] = 'array';
  const values = draft['enum'];
  if (Array.isArray(values)) {
    const types = [draft['type'] ?? []].flat().filter((type) => type !== 'null');
    const found = values.find((value) => value !== null);
    if (types.length === 0 || found === undefined || values.some((value) => types.some((type) => isOf(type, value)))) return draft;
    reporter.widened(at, {
      code: 'widened-type',
      message: `The type is ${types.map(quote).join(' or ')}, but its enum lists ${quote(found)}; the type is read from the enum.`,
    });
    delete draft['type'];
    return draft;
  }
  if (!isBareObject(draft, empty)) return draft;
  const example = exampleOf(at);
  if (example !== undefined && !isObject(example) && !looksLikeObject(example)) {
    reporter.widened(at.child(own(at.value, 'example') === undefined ? 'examples' : 'example'), {
      code: 'widened-type',
      message: `The type is "object", but the example is ${Array.isArray(example) ? 'a list' : quote(example)}; any value is allowed.`,
      once: at.id,
      anchor: 'value',
    });
    delete draft['type'];
    return draft;
  }
  if (empty) {
    reporter.widened(at, {
      code: 'empty-object',
      message: 'The schema declares an object with no properties at all; any properties are allowed.',
    });
  }
  draft['type'] ??= 'object';
  // As a member of `allOf`, a bare object adds nothing: the other members decide.
  if (at.parent?.key !== 'allOf') draft['additionalProperties'] = true;
  return draft;
}

function isOf(type: unknown, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return typeof value === (type === 'integer' ? 'number' : type);
}

function isBareObject(draft: Draft, empty: boolean): boolean {
  const type = draft['type'];
  const object = type === 'object' || (type === undefined && empty) || (Array.isArray(type) && type.includes('object'));
  return object && draft['properties'] === undefined && !SHAPES.some((key) => key in draft);
}

function composed(draft: Draft): boolean {
  return 'allOf' in draft || 'anyOf' in draft || 'oneOf' in draft;
}

function exampleOf(at: Cursor): unknown {
  const example = own(at.value, 'example');
  if (example !== undefined) return example ?? undefined;
  const examples = own(at.value, 'examples');
  return Array.isArray(examples) ? (examples[0] ?? undefined) : undefined;
}

/** Some examples are objects written as text. */
function looksLikeObject(example: unknown): boolean {
  return typeof example === 'string' && /^\s*\{/.test(example);
}
