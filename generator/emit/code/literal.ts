import { propertyKey, stringLiteral } from './escape.js';

/** Code within data. Printed unchanged. */
export class Code {
  constructor(readonly text: string) {}
}

/** The longest line on which a short object or array stays. */
const WIDTH = 140;

/**
 * Writes plain data as a TypeScript expression: on one line if it fits, otherwise one entry per line.
 *
 * @param column - the column at which the expression starts
 * @param indent - the indentation of that line
 */
export function literal(value: unknown, column = 0, indent = ''): string {
  const flat = flatten(value, WIDTH - column - 1);
  if (flat !== undefined) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => `${inner}${literal(item, inner.length, inner)},\n`).join('')}${indent}]`;
  }
  const lines = entriesOf(value).map(([key, item]) => {
    const start = `${inner}${propertyKey(key)}: `;
    return `${start}${literal(item, start.length, inner)},\n`;
  });
  return `{\n${lines.join('')}${indent}}`;
}

/** Returns one line of at most `room` characters. Undefined if the value does not fit and can be split. */
function flatten(value: unknown, room: number): string | undefined {
  if (value instanceof Code) return value.text;
  if (value instanceof Uint8Array) return `new Uint8Array([${[...value].join(', ')}])`;
  if (typeof value !== 'object' || value === null) return primitive(value);
  const list = Array.isArray(value);
  const parts: string[] = [];
  let used = list ? 2 : 4;
  for (const [key, item] of list ? value.map((entry): [string, unknown] => ['', entry]) : entriesOf(value)) {
    const label = list ? '' : `${propertyKey(key)}: `;
    const text = flatten(item, room - used - label.length);
    if (text === undefined) return undefined;
    parts.push(label + text);
    used += label.length + text.length + 2;
    if (used - 2 > room) return undefined;
  }
  if (parts.length === 0) return list ? '[]' : '{}';
  return list ? `[${parts.join(', ')}]` : `{ ${parts.join(', ')} }`;
}

function primitive(value: unknown): string {
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : grouped(value);
  return value === undefined || typeof value === 'boolean' || value === null ? String(value) : 'null';
}

/** Returns 60000 as 60_000. */
function grouped(value: number): string {
  const text = String(value);
  return /^-?\d{5,15}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, '_') : text;
}

/** Returns the properties that are not undefined. */
function entriesOf(value: object | unknown): [string, unknown][] {
  return Object.entries(value as object).filter(([, item]) => item !== undefined);
}
