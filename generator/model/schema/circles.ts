import type { Reporter } from '../../read/reporter.js';
import type { JsonSchema } from '../types.js';
import type { SchemaBundle, SchemaEntry } from './bundle.js';

/**
 * Reports schemas that consist only of references back to themselves (`A: {$ref: B}`, `B: {allOf: [{$ref: A}]}`). They describe no value,
 * and TypeScript refuses such types. Recursion through properties or items is valid and stays.
 */
export function openCircles(bundle: SchemaBundle, reporter: Reporter): void {
  const done = new Set<SchemaEntry>();
  for (const start of bundle.entries) {
    const trail: SchemaEntry[] = [];
    visit(start, trail);
  }

  function visit(entry: SchemaEntry, trail: SchemaEntry[]): void {
    if (done.has(entry)) return;
    const from = trail.indexOf(entry);
    if (from !== -1) {
      const circle = trail.slice(from);
      const first = circle.reduce((a, b) => (a.at.id <= b.at.id ? a : b));
      reporter.fault(first.at, {
        code: 'ref-cycle',
        message: `The schema "${first.wanted}" refers only to itself (${[...circle, entry].map((step) => step.wanted).join(' -> ')})`,
        done: 'read as any value',
      });
      for (const step of circle) step.schema = {};
      return;
    }
    trail.push(entry);
    for (const next of direct(entry.schema, bundle)) visit(next, trail);
    trail.pop();
    done.add(entry);
  }
}

/** Returns the entries that a schema is equal to or composed of, without the schemas of its properties and items. */
function direct(schema: JsonSchema, bundle: SchemaBundle): SchemaEntry[] {
  if (typeof schema !== 'object') return [];
  const entry = bundle.referenced(schema);
  if (entry !== undefined) return [entry];
  return ['allOf', 'anyOf', 'oneOf'].flatMap((key) => {
    const parts = schema[key];
    return Array.isArray(parts) ? parts.flatMap((part: JsonSchema) => direct(part, bundle)) : [];
  });
}
