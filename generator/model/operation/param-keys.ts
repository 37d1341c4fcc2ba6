import { quote } from '../../../runtime/config/quote.js';
import { own } from '../../read/json.js';
import type { Reporter } from '../../read/reporter.js';
import { camelCase, capitalise, identifier, isIdentifier, words } from '../names/words.js';
import type { ParamModel } from '../types.js';
import type { WireParam } from './parameters.js';

/** Headers that the client or the transport sets. OpenAPI requires that parameters with these names are ignored. */
const IGNORED_HEADERS = new Set(['authorization', 'accept', 'content-type', 'content-length', 'host']);

export interface SortedParams {
  readonly params: ParamModel[];
  readonly constantHeaders: Readonly<Record<string, string>>;
  readonly idempotencyHeader: string | undefined;
}

/** Separates parameters that a caller gives from those with a constant value, and gives the former their keys. */
export function sortParams(wires: readonly WireParam[], reporter: Reporter): SortedParams {
  const constants: [string, string][] = [];
  let idempotencyHeader: string | undefined;
  const given: WireParam[] = [];
  for (const param of wires) {
    const header = param.in === 'header' ? param.wire.toLowerCase() : undefined;
    const constant = header === undefined ? undefined : constantOf(param);
    if (header !== undefined && IGNORED_HEADERS.has(header)) continue;
    if (header !== undefined && /idempoten(t|cy)/.test(header)) idempotencyHeader ??= param.wire;
    else if (constant !== undefined) constants.push([param.wire, constant]);
    else given.push(param);
  }
  const taken = new Set(['body', '__proto__']);
  const params = given.map((param) => {
    const { at: _, ...rest } = param;
    const plain = plainKey(param);
    let key = plain;
    if (taken.has(plain)) {
      const base = param.in + capitalise(plain.replace(/^_+|_+$/g, ''));
      key = base;
      for (let number = 2; taken.has(key); number += 1) key = `${base}${number}`;
      reporter.warning(param.at, {
        code: 'parameter-renamed',
        message: `The ${param.in} parameter ${quote(param.wire)} is given as ${quote(key)}: ${plain === 'body' ? 'the name is kept for the request body' : 'another parameter has the name'}.`,
      });
    }
    taken.add(key);
    return { key, ...rest };
  });
  return { params, constantHeaders: Object.fromEntries(constants), idempotencyHeader };
}

/** Headers become camelCase. Other names stay as in the document if they are identifiers. */
function plainKey({ wire, in: place }: WireParam): string {
  if (place !== 'header' && isIdentifier(wire)) return wire;
  const key = camelCase(words(wire));
  return key === '' ? place : identifier(key);
}

/**
 * Returns the only value that a required header can have. An optional header, such as a content encoding, has a meaning only if it is sent.
 */
function constantOf({ schema, required }: WireParam): string | undefined {
  if (!required) return undefined;
  const values = own(schema, 'enum');
  const value = own(schema, 'const') ?? (Array.isArray(values) && values.length === 1 ? values[0] : undefined);
  const usable = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  // A line break in a header's value would start a second header.
  return usable && /^[\t\x20-\x7e\x80-\xff]*$/.test(String(value)) ? String(value) : undefined;
}
