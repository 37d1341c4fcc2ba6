import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Place } from './json-places.js';

/** Returns the place of a path in a YAML document, or of its nearest ancestor that exists. */
export function yamlPlace(document: Document, path: readonly string[]): Place {
  let node: unknown = document.contents;
  let place: Place = { key: undefined, value: range(node) ?? [0, 0] };
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const next: { key: unknown; value: unknown } | undefined = child(node, step);
    if (next === undefined) break;
    node = next.value;
    const key = range(next.key);
    place = { key, value: range(node) ?? key ?? place.value };
  }
  return place;
}

function child(node: unknown, step: string): { key: unknown; value: unknown } | undefined {
  if (isMap(node)) {
    // Of repeated keys, the last one applies.
    const pair = node.items.findLast((item: Pair) => keyText(item.key) === step);
    return pair && { key: pair.key, value: pair.value };
  }
  if (isSeq(node)) {
    const item: unknown = node.items[Number(step)];
    return item === undefined ? undefined : { key: undefined, value: isPair(item) ? item.value : item };
  }
  return undefined;
}

function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return key.value === null ? '' : String(key.value);
}

function range(node: unknown): [number, number] | undefined {
  const found = isNode(node) ? (node as Node).range : undefined;
  return found ? [found[0], found[1]] : undefined;
}
