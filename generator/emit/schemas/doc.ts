import { BYTES_SCHEMA } from '../../model/kinds.js';
import { commentLine, commentLines } from '../code/escape.js';
import type { SchemaObject } from './schema.js';

const LONGEST = 200;

/** Returns the JSDoc lines of a schema: description, limits, deprecation, default and an example. */
export function schemaDoc(schema: SchemaObject): string[] {
  const text = [schema['description'], schema['title']].find((entry) => typeof entry === 'string' && entry.trim() !== '');
  const lines = typeof text === 'string' ? commentLines(text) : [];
  const limits = limitsOf(schema);
  if (limits !== '') lines.push(...(lines.length > 0 ? ['', limits] : [limits]));
  if (schema['deprecated'] === true) lines.push('@deprecated');
  tag(lines, 'default', schema['default']);
  const examples = schema['examples'];
  tag(lines, 'example', schema['example'] ?? (Array.isArray(examples) ? examples[0] : undefined));
  return lines;
}

/** Describes limits that a TypeScript type cannot express. */
function limitsOf(schema: SchemaObject): string {
  const parts: string[] = [];
  const format = schema['format'];
  if (typeof format === 'string' && format !== BYTES_SCHEMA.format) parts.push(`Format: ${commentLine(format)}.`);
  const range = (label: string, low: unknown, high: unknown): void => {
    const [min, max] = [low, high].map((limit) => (typeof limit === 'number' ? String(limit) : undefined));
    if (min !== undefined && max !== undefined) parts.push(`${label}: ${min} to ${max}.`);
    else if (min !== undefined) parts.push(`${label}: at least ${min}.`);
    else if (max !== undefined) parts.push(`${label}: at most ${max}.`);
  };
  range('Range', schema['minimum'], schema['maximum']);
  range('Length', schema['minLength'], schema['maxLength']);
  range('Items', schema['minItems'], schema['maxItems']);
  return parts.join(' ');
}

function tag(lines: string[], name: string, value: unknown): void {
  if (value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A long example would hide the description.
  if (text === '' || text.length > LONGEST) return;
  lines.push(`@${name} ${commentLine(text)}`);
}
