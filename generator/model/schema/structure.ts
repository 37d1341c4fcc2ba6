import type { JsonSchema } from '../types.js';
import type { SchemaBundle, SchemaEntry } from './bundle.js';

/** Keywords that describe without constraining. Two schemas that differ only in these become one type. */
const DESCRIPTIVE = new Set(['description', 'title', 'example', 'examples', 'deprecated', 'default']);
const MAPS = new Set(['properties', 'patternProperties']);
const DATA = new Set(['enum', 'const', 'required', 'type', 'discriminator', 'format', 'pattern']);

/** The content of a schema as text, with gaps for its references. */
export interface Structure {
  readonly text: string;
  readonly references: readonly SchemaEntry[];
}

/** Returns the structure of a schema. Two schemas are equal if their texts are equal and their references lead to equal schemas. */
export function structure(schema: JsonSchema, bundle: SchemaBundle): Structure {
  const references: SchemaEntry[] = [];
  const ofSchema = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(ofSchema);
    if (typeof value !== 'object' || value === null) return value;
    const entry = bundle.referenced(value as JsonSchema);
    if (entry !== undefined) {
      references.push(entry);
      return { $ref: references.length };
    }
    return Object.entries(value)
      .filter(([key]) => !DESCRIPTIVE.has(key))
      .sort(byKey)
      .map(([key, item]) => [key, MAPS.has(key) ? ofMap(item) : DATA.has(key) ? item : ofSchema(item)]);
  };
  const ofMap = (value: unknown): unknown =>
    Object.entries(value as object)
      .sort(byKey)
      .map(([key, item]) => [key, ofSchema(item)]);
  return { text: JSON.stringify(ofSchema(schema)), references };
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
