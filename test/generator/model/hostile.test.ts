import { afterEach, describe, expect, it } from 'vitest';
import { own } from '../../../generator/read/json.js';
import { load, operations } from '../service.js';

const nasty = [
  '*/ process.exit(1) /*',
  '`$' + '{process.exit(1)}`',
  "'; process.exit(1); '",
  '"\n}\nprocess.exit(1)',
  '</script>',
  '\u2028process.exit(1)',
  '__proto__',
  '$' + '{x}',
];

afterEach(() => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

describe('documents that try to break out', () => {
  it.each(nasty)('%j is data wherever it stands', async (text) => {
    const schema = { type: 'object', description: text, properties: { [text]: { type: 'string', enum: [text], example: text } } };
    const file = {
      openapi: '3.1.0',
      info: { title: text, version: text, description: text },
      servers: [{ url: 'https://a.example', description: text }],
      paths: {
        [`/${text.replaceAll(/[{}]/g, '')}`]: {
          post: {
            operationId: text,
            tags: [text],
            summary: text,
            description: text,
            parameters: [{ name: text, in: 'query', description: text, schema }],
            requestBody: {
              content: {
                'application/json': {
                  schema: { $ref: `#/components/schemas/${encodeURIComponent(text).replaceAll('~', '~0').replaceAll('%2F', '~1')}` },
                },
              },
            },
            responses: { 200: { description: text, content: { 'application/json': { schema } } } },
          },
        },
      },
      components: { schemas: Object.fromEntries([[text, schema]]) },
    };
    const { model, diagnostics } = await load({ 'api.json': file });
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const identifier = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
    const names = [
      ...Object.keys(model?.schemas ?? {}),
      ...(model?.namespaces ?? []).flatMap((namespace) => [namespace.name, namespace.className]),
      ...(model === undefined ? [] : operations(model)).flatMap((operation) => [
        operation.name,
        operation.typeName,
        ...operation.params.map(({ key }) => key),
      ]),
      model?.clientName ?? '',
    ];
    expect(names.filter((name) => !identifier.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(6);
    for (const { message, hint } of diagnostics) expect(`${message}${hint}`).not.toMatch(/[\p{Cc}\u2028]/u);
  });

  it.each([
    [
      'api.json',
      '{"openapi":"3.1.0","__proto__":{"polluted":1},"paths":{"/a":{"get":{"tags":["x"],"operationId":"a","parameters":[{"name":"__proto__","in":"query","schema":{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}}],"responses":{"204":{}}}}},"components":{"schemas":{"__proto__":{"type":"object","properties":{"polluted":{"type":"string"}}}}}}',
    ],
    [
      'api.yaml',
      'openapi: 3.1.0\n__proto__: {polluted: 1}\npaths:\n  /a:\n    get:\n      tags: [x]\n      operationId: a\n      parameters:\n        - {name: __proto__, in: query, schema: {type: object, properties: {__proto__: {type: string}, constructor: {type: string}}}}\n      responses: {204: {}}\ncomponents: {schemas: {__proto__: {type: object, properties: {polluted: {type: string}}}}}\n',
    ],
  ])('%s with keys called __proto__ harms nothing', async (name, text) => {
    const { model } = await load({ [name]: text });
    const [operation] = model === undefined ? [] : operations(model);
    expect(operation?.params[0]?.key).toBe('queryProto');
    const properties = Object(own(operation?.params[0]?.schema, 'properties'));
    expect(Object.keys(properties)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
    expect(Object.keys(model?.schemas ?? {})).toEqual(['Proto', 'XAParams']);
  });

  it('name maps that are hostile change nothing', async () => {
    const names = JSON.parse('{"__proto__": "x.y"}') as Record<string, string>;
    const { diagnostics } = await load(
      { 'api.json': { openapi: '3.1.0', paths: { '/a': { get: { responses: { 204: {} } } } } } },
      { names, lock: names },
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['invalid-name']);
  });
});
