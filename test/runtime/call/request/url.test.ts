import type { ParamDescriptor } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { compilePath, ParamFault, writePath, writeQuery } from '../../../../runtime/call/request/url.js';

const inPath = (key: string, wire?: string): ParamDescriptor => ({
  key,
  in: 'path',
  required: true,
  ...(wire === undefined ? {} : { wire }),
});
const path = (template: string, values: Record<string, unknown>, ...params: readonly ParamDescriptor[]): string =>
  writePath(compilePath({ path: template, params: params.length > 0 ? params : [inPath('id')] }), values);
const query = (param: Partial<ParamDescriptor>, value: unknown): string => writeQuery([{ key: 'q', in: 'query', ...param }], { q: value });

describe('a path written by hand', () => {
  test.each([
    ['/größe', '/gr%C3%B6%C3%9Fe'],
    ['/größe/{id}/maß', '/gr%C3%B6%C3%9Fe/1/ma%C3%9F'],
    ['/a b\tc', '/a%20b%09c'],
    ['/😀', '/%F0%9F%98%80'],
    ['/gr%C3%B6%C3%9Fe', '/gr%C3%B6%C3%9Fe'],
    ["/a:b@c/$&'()*+,;=~-_.!/{id}/", "/a:b@c/$&'()*+,;=~-_.!/1/"],
    ['/größe/{größe}', '/gr%C3%B6%C3%9Fe/{gr%C3%B6%C3%9Fe}'],
  ])('%s is sent as %s', (template, sent) => {
    expect(path(template, { id: 1 })).toBe(sent);
  });

  test('half a surrogate pair cannot be sent', () => {
    expect(() => path('/\ud83d', {})).toThrow(URIError);
  });
});

describe('a path parameter', () => {
  test.each([
    ['abc', 'abc'],
    [7, '7'],
    [0, '0'],
    [false, 'false'],
    ['a/b', 'a%2Fb'],
    ['a\\b', 'a%5Cb'],
    ['../admin', '..%2Fadmin'],
    ['..%2Fadmin', '..%252Fadmin'],
    ['%2e%2e', '%252e%252e'],
    ['a?b#c', 'a%3Fb%23c'],
    ['a b', 'a%20b'],
    ['ann@example.com', 'ann%40example.com'],
    ['spaces:read', 'spaces%3Aread'],
    ['+4912345', '%2B4912345'],
    ['größe', 'gr%C3%B6%C3%9Fe'],
    ['😀', '%F0%9F%98%80'],
    ['a\r\nb', 'a%0D%0Ab'],
    ['...', '...'],
    ['.a', '.a'],
    [['a', 'b/c'], 'a,b%2Fc'],
    [new Date(0), '1970-01-01T00%3A00%3A00.000Z'],
  ])('%j is written as %s', (value, written) => {
    expect(path('/things/{id}/notes', { id: value })).toBe(`/things/${written}/notes`);
  });

  test.each([
    [undefined, "path parameter 'id' is missing"],
    [null, "path parameter 'id' is missing"],
    ['', "path parameter 'id' is empty"],
    [[], "path parameter 'id' is empty"],
    ['.', 'dot segment'],
    ['..', 'dot segment'],
    [['..'], 'dot segment'],
    [Number.NaN, 'cannot be sent'],
    [Number.POSITIVE_INFINITY, 'cannot be sent'],
    ['half of a pair: \ud83d', 'not well-formed Unicode'],
    [new Date(Number.NaN), 'invalid date'],
  ])('%j is refused', (value, message) => {
    expect(() => path('/things/{id}', { id: value })).toThrow(ParamFault);
    expect(() => path('/things/{id}', { id: value })).toThrow(message);
  });

  test('a bigint is written whole', () => {
    expect(path('/{id}', { id: 12345678901234567890n })).toBe('/12345678901234567890');
  });

  test('is found by its name on the wire; several in one segment stand side by side; trailing slashes and unknown braces stay', () => {
    expect(path('/a/{thing-id}/b/', { thingId: 1 }, inPath('thingId', 'thing-id'))).toBe('/a/1/b/');
    expect(path('/{x}:{y}', { x: 1, y: 2 }, inPath('x'), inPath('y'))).toBe('/1:2');
    expect(path('/a/{other}', {}, inPath('id'))).toBe('/a/{other}');
  });
});

describe('a query parameter', () => {
  test.each([
    // Primitives.
    [{}, 'a b&c=d', '?q=a%20b%26c%3Dd'],
    [{}, 5, '?q=5'],
    [{}, true, '?q=true'],
    [{}, '', '?q='],
    [{}, undefined, ''],
    [{}, null, ''],
    [{ wire: 'filter[x]' }, 1, '?filter%5Bx%5D=1'],
    // form, the default.
    [{}, ['blue', 'black'], '?q=blue&q=black'],
    [{}, ['blue', undefined, null, 'black'], '?q=blue&q=black'],
    [{}, [], ''],
    [{ explode: false }, ['blue', 'bl,ack'], '?q=blue,bl%2Cack'],
    [{ explode: false }, [], ''],
    [{}, { R: 100, G: undefined, B: 1 }, '?R=100&B=1'],
    [{ explode: false }, { R: 100, G: 200 }, '?q=R,100,G,200'],
    // spaceDelimited and pipeDelimited.
    [{ style: 'spaceDelimited' }, ['blue', 'black'], '?q=blue%20black'],
    [{ style: 'spaceDelimited', explode: false }, ['blue', 'black'], '?q=blue%20black'],
    [{ style: 'spaceDelimited', explode: true }, ['blue', 'black'], '?q=blue&q=black'],
    [{ style: 'pipeDelimited' }, ['blue', 'black'], '?q=blue|black'],
    [{ style: 'pipeDelimited' }, { R: 100, G: 200 }, '?q=R|100|G|200'],
    // deepObject, also deeper than OpenAPI says.
    [{ style: 'deepObject' }, { R: 100, G: 'a b' }, '?q%5BR%5D=100&q%5BG%5D=a%20b'],
    [{ style: 'deepObject' }, { a: { b: [1, 2] } }, '?q%5Ba%5D%5Bb%5D%5B%5D=1&q%5Ba%5D%5Bb%5D%5B%5D=2'],
    [{ style: 'deepObject' }, { a: undefined, b: null, c: { d: null, e: 1 } }, '?q%5Bc%5D%5Be%5D=1'],
    // A parameter with a content type.
    [{ style: 'json' }, { a: ['b'] }, '?q=%7B%22a%22%3A%5B%22b%22%5D%7D'],
    // allowReserved.
    [{ allowReserved: true }, 'a/b:c?d=e', '?q=a/b:c?d=e'],
    [{ allowReserved: true }, 'a&b#c+d e', '?q=a%26b%23c%2Bd%20e'],
    [{ allowReserved: true, explode: false }, ['a/b', 'c'], '?q=a/b,c'],
    // What has no style of its own.
    [{}, [{ a: 1 }], '?q=%7B%22a%22%3A1%7D'],
    [{}, new Date(0), '?q=1970-01-01T00%3A00%3A00.000Z'],
  ] as readonly (readonly [Partial<ParamDescriptor>, unknown, string])[])('%j of %j is %s', (param, value, written) => {
    expect(query(param, value)).toBe(written);
  });

  test('several follow one another, a required one may not be missing', () => {
    const params: ParamDescriptor[] = [
      { key: 'a', in: 'query', required: true },
      { key: 'b', in: 'query' },
      { key: 'c', in: 'query' },
    ];
    expect(writeQuery(params, { a: 1, c: [2, 3] })).toBe('?a=1&c=2&c=3');
    expect(() => writeQuery(params, { b: 1 })).toThrow("query parameter 'a' is missing");
    expect(() => writeQuery(params, { a: Number.NaN })).toThrow("parameter 'a' is NaN");
    expect(() => writeQuery(params, { a: '\udc00' })).toThrow("parameter 'a' is not well-formed Unicode");
  });
});
