import { describe, expect, it } from 'vitest';
import { jsonPlaces } from '../../../generator/read/json-places.js';

const text = '{\n "a": [1, {"b\\"c": "x,]}"}],\n "d": null, "e": {}, "f": []\n}';

describe('jsonPlaces', () => {
  it.each([
    [['a'], '"a"', '[1, {"b\\"c": "x,]}"}]'],
    [['a', '0'], undefined, '1'],
    [['a', '1', 'b"c'], '"b\\"c"', '"x,]}"'],
    [['d'], '"d"', 'null'],
    [['f'], '"f"', '[]'],
    [['a', '9'], '"a"', '[1, {"b\\"c": "x,]}"}]'],
  ])('finds %j', (path, key, value) => {
    const place = jsonPlaces(text).find(path);
    expect(place.key && text.slice(...place.key)).toBe(key);
    expect(text.slice(...place.value)).toBe(value);
  });

  it('tells keys that stand twice', () => {
    const twice = '{"a": {"b": 1, "c": 2, "b": 3}}';
    expect(jsonPlaces(twice).duplicates.map(({ path, start, end }) => [path, twice.slice(start, end), start])).toEqual([
      [['a', 'b'], '"b"', 23],
    ]);
  });

  it('refuses documents that are nested too deeply', () => {
    expect(() => jsonPlaces(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toThrow(RangeError);
  });
});
