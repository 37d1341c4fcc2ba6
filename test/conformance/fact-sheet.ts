import { asList, asObject, asStrings, isObject, type JsonObject } from './json.js';
import { type OpenApiDocument, readDocument } from './openapi.js';

/**
 * Turns a fact sheet (operations read from a vendor's SDK, types as TypeScript text) into an OpenAPI document, so that
 * it is compared like any other. Named types and text that was cut short become open schemas, `number` stands for an
 * integer as well, and a success code that the sheet does not name becomes `2XX`.
 */
export function factSheetDocument(file: string): OpenApiDocument {
  const sheet = readDocument(file).root;
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const raw of asList(sheet.operations)) {
    const facts = asObject(raw);
    if (typeof facts.path !== 'string' || typeof facts.method !== 'string') continue;
    paths[facts.path] = { ...paths[facts.path], [facts.method.toLowerCase()]: operationFrom(facts) };
  }
  return { file, root: { openapi: '3.1.0', servers: [{ url: sheet.base_url }], paths } };
}

function operationFrom(facts: JsonObject): JsonObject {
  const fields = Object.entries(asObject(facts.params)).map(([name, field]) => ({ name, ...asObject(field) }) as Field);
  const body = fields.filter((field) => field.in === 'body');
  const parameters = fields
    .filter((field) => field.in !== 'body')
    .map((field) => ({ name: field.name, in: field.in, required: field.required, schema: schemaFromText(field.type) }));
  const named = asStrings(facts.path_params).map((name) => ({ name, in: 'path', required: true, schema: {} }));
  const contentType = typeof facts.request_content_type === 'string' ? facts.request_content_type : 'application/json';
  const schema = objectFrom(Object.fromEntries(body.map((field) => [field.name, field])));
  return {
    parameters: [...named, ...parameters],
    ...(body.length > 0 && {
      requestBody: { required: body.some((field) => field.required === true), content: { [contentType]: { schema } } },
    }),
    responses: responsesFrom(facts.response_fields),
  };
}

interface Field {
  readonly name: string;
  readonly in?: unknown;
  readonly required?: unknown;
  readonly type?: unknown;
}

function responsesFrom(fields: unknown): JsonObject {
  if (!isObject(fields)) {
    const code = typeof fields === 'string' ? /\b2\d\d\b/.exec(fields)?.[0] : undefined;
    return { [code ?? '2XX']: {} };
  }
  const schema = Array.isArray(fields.one_of)
    ? { oneOf: fields.one_of.map((variant) => objectFrom(asObject(variant))) }
    : objectFrom(fields);
  return { '2XX': { content: { 'application/json': { schema } } } };
}

function objectFrom(fields: JsonObject): JsonObject {
  const entries = Object.entries(fields).map(([name, field]) => [name, asObject(field)] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, schemaFromText(field.type)])),
    required: entries.filter(([, field]) => field.required === true).map(([name]) => name),
  };
}

/** A schema for TypeScript type text as fact sheets use it; open where the text says too little. */
export function schemaFromText(text: unknown): JsonObject {
  if (typeof text !== 'string') return {};
  const type = text.trim();
  if (type.includes('…')) return {};
  const branches = splitUnion(type);
  if (branches.length > 1) return { anyOf: branches.map(schemaFromText) };
  if (type.endsWith('[]')) return { type: 'array', items: schemaFromText(type.slice(0, -2)) };
  if (type.startsWith('(') && type.endsWith(')')) return schemaFromText(type.slice(1, -1));
  const literal = /^'(.*)'$/.exec(type);
  if (literal !== null) return { type: 'string', enum: [literal[1]] };
  const map = /^\{ \[key: string\]: (.*?);? \}$/.exec(type);
  if (map !== null) return { type: 'object', additionalProperties: schemaFromText(map[1]) };
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return { type };
    case 'number':
      return { type: 'numeric' };
    case 'Uploadable':
      return { type: 'string', format: 'binary' };
    default:
      return {};
  }
}

/** Splits `A | (B | C)[] | 'D'` at the bars that are outside of brackets and quotes. */
function splitUnion(text: string): string[] {
  const branches: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === "'") quoted = !quoted;
    if (quoted) continue;
    if (char === '(' || char === '{' || char === '[' || char === '<') depth += 1;
    if (char === ')' || char === '}' || char === ']' || char === '>') depth -= 1;
    if (char === '|' && depth === 0) {
      branches.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...branches, text.slice(start).trim()].filter((branch) => branch !== '');
}
