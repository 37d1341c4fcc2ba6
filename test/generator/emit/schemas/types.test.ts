import { describe, expect, test } from 'vitest';
import { emitTypes } from '../../../../generator/emit/schemas/types.js';
import type { JsonSchema } from '../../../../generator/model/types.js';
import { acme, ref } from '../fixture.js';

async function types(schemas: Record<string, JsonSchema>, requests: string[] = []): Promise<string> {
  const operations = requests.map((typeName) => ({ ...acme.namespaces[0]?.operations[0], typeName, params: [], body: undefined }));
  const model = { ...acme, schemas, namespaces: [{ ...acme.namespaces[0], operations }] } as unknown as typeof acme;
  return (await emitTypes(model, '// header')).replace('// header\n', '').trim();
}

const string: JsonSchema = { type: 'string' };

describe('types.ts', () => {
  test.each<[string, JsonSchema, string]>([
    [
      'an object',
      { type: 'object', properties: { a: string, b: { type: 'number' } }, required: ['a'] },
      'export interface X {\n  a: string;\n  b?: number;\n}',
    ],
    ['a free-form object', { type: 'object' }, 'export type X = { [key: string]: unknown };'],
    ['an empty schema', {}, 'export type X = unknown;'],
    ['true', true, 'export type X = unknown;'],
    [
      'values of one type',
      { type: 'object', additionalProperties: { type: 'number' } },
      'export interface X {\n  [key: string]: number;\n}',
    ],
    [
      'known and other properties',
      { type: 'object', properties: { a: string }, additionalProperties: true },
      'export interface X {\n  a?: string;\n  [key: string]: unknown;\n}',
    ],
    ['null', { type: ['string', 'null'] }, 'export type X = string | null;'],
    ['null by constant', { const: null }, 'export type X = null;'],
    ['an enum', { type: 'string', enum: ['a', "it's", 'ü', 'a'] }, "export type X = 'a' | \"it's\" | 'ü';"],
    ['an enum of numbers', { enum: [1, -2, true, null] }, 'export type X = 1 | -2 | true | null;'],
    ['a constant', { const: 'x' }, "export type X = 'x';"],
    ['a list of alternatives', { type: 'array', items: { anyOf: [string, { type: 'number' }] } }, 'export type X = (string | number)[];'],
    ['a tuple', { type: 'array', prefixItems: [string, { type: 'number' }] }, 'export type X = [string, number];'],
    [
      'required alternatives only',
      { type: 'object', properties: { a: string }, anyOf: [{ required: ['a'] }, { not: {} }] },
      'export interface X {\n  a?: string;\n}',
    ],
    [
      'both must hold',
      { type: 'object', properties: { a: string }, anyOf: [{ type: 'object', properties: { b: string } }] },
      'export type X = { a?: string } & { b?: string };',
    ],
    [
      'strange names',
      { type: 'object', properties: { '65+': string, __proto__x: string, 'a"b': string } },
      "export interface X {\n  '65+'?: string;\n  __proto__x?: string;\n  'a\"b'?: string;\n}",
    ],
    [
      'required and nowhere declared',
      { type: 'object', properties: { a: string }, required: ['a', 'b'] },
      'export interface X {\n  a: string;\n  b?: unknown;\n}',
    ],
    [
      'a default',
      { type: 'object', properties: { a: { type: 'integer', default: 3 } } },
      'export interface X {\n  /** @default 3 */\n  a?: number;\n}',
    ],
    [
      'documentation',
      {
        type: 'object',
        description: 'One\n*/ two',
        properties: { a: { type: 'string', description: '@evil', deprecated: true, format: 'date', example: '2026-01-02' } },
      },
      'export interface X {\n  /**\n   * \\@evil\n   *\n   * Format: date.\n   * @deprecated\n   * @example 2026-01-02\n   */\n  a?: string;\n}',
    ],
  ])('%s', async (_, schema, expected) => {
    expect(await types({ X: schema })).toContain(expected);
  });

  test('references are plain names, helpers come where they are used', async () => {
    const text = await types({
      A: { type: 'object', properties: { next: ref('A'), list: { type: 'array', items: ref('B') } } },
      B: { allOf: [ref('A'), { type: 'object', properties: { more: string } }], required: ['next'] },
    });
    expect(text).toContain('next?: A;\n  list?: B[];');
    expect(text).toContain("export type B = WithRequired<A, 'next'> & { more?: string };");
    expect(text).toMatch(/\ntype WithRequired<T, K extends keyof T> = T & \{ \[P in K\]-\?: T\[P\] \};$/);
  });

  test.each<[string, Record<string, JsonSchema>, string]>([
    [
      'by a member that says nothing else',
      { X: { allOf: [ref('A'), { type: 'object', required: ['next'] }] } },
      "export type X = WithRequired<A, 'next'>;",
    ],
    [
      'by a member that declares others',
      { X: { allOf: [ref('A'), { type: 'object', properties: { more: string }, required: ['more', 'next'] }] } },
      "export type X = WithRequired<A, 'next'> & { more: string };",
    ],
    [
      'of a member of a member',
      {
        B: { allOf: [ref('A'), { type: 'object', properties: { more: string } }] },
        X: { allOf: [ref('B'), { required: ['next', 'more'] }] },
      },
      'export type X = B & {\n  next: string;\n  more: string;\n};',
    ],
    [
      'of properties beside the members',
      { X: { type: 'object', properties: { own: string }, allOf: [ref('A'), { required: ['own', 'next'] }] } },
      "export type X = { own: string } & WithRequired<A, 'next'>;",
    ],
    [
      'of members, by the whole',
      { X: { type: 'object', properties: { own: string }, required: ['own', 'next'], allOf: [ref('A')] } },
      "export type X = { own: string } & WithRequired<A, 'next'>;",
    ],
    [
      'and nowhere declared',
      { X: { allOf: [ref('A'), { type: 'object', properties: { more: string }, required: ['nowhere'] }] } },
      'export type X = A & {\n  more?: string;\n  nowhere?: unknown;\n};',
    ],
    ['by no name, of an object', { X: { allOf: [ref('A'), { type: 'object', not: { required: ['next'] } }] } }, 'export type X = A;'],
    [
      'beside properties of any name',
      { X: { allOf: [ref('A'), { type: 'object', required: ['next'], additionalProperties: true }] } },
      "export type X = WithRequired<A, 'next'> & { [key: string]: unknown };",
    ],
  ])('required %s', async (_, schemas, expected) => {
    const text = await types({ A: { type: 'object', properties: { next: string } }, ...schemas });
    expect(text).toContain(expected);
  });

  test('files are given in requests, and are text elsewhere', async () => {
    const file: JsonSchema = { type: 'object', properties: { file: { type: 'string', format: 'binary' } } };
    const text = await types({ UploadParams: { type: 'object', properties: { body: ref('Body') } }, Body: file, Other: file }, ['Upload']);
    expect(text).toContain("import type { FileInput } from 'fuseline';");
    expect(text).toContain('export interface Body {\n  file?: FileInput;\n}');
    expect(text).toContain('export interface Other {\n  file?: string;\n}');
  });

  test('a long union has one member a line', async () => {
    const values = Array.from({ length: 20 }, (_, at) => `some_longer_value_${at}`);
    const text = await types({ X: { type: 'object', properties: { kind: { enum: values } } } });
    expect(text).toContain("  kind?:\n    | 'some_longer_value_0'\n    | 'some_longer_value_1'\n");
  });
});
