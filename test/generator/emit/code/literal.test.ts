import { describe, expect, test } from 'vitest';
import { Code, literal } from '../../../../generator/emit/code/literal.js';
import { HOSTILE } from '../hostile.js';

describe('literal', () => {
  test.each([
    [{ a: 1, b: ['x', true, null] }, "{ a: 1, b: ['x', true, null] }"],
    [[], '[]'],
    [{}, '{}'],
    [{ left: undefined, b: -0 }, '{ b: -0 }'],
    [{ ms: 60_000, small: 5000, part: 12345.5 }, '{ ms: 60_000, small: 5000, part: 12345.5 }'],
    [{ bytes: new Uint8Array([1, 255]) }, '{ bytes: new Uint8Array([1, 255]) }'],
    [{ call: new Code('new Uint8Array(1)') }, '{ call: new Uint8Array(1) }'],
  ])('%j', (value, text) => expect(literal(value)).toBe(text));

  test('what does not fit on a line has one entry a line', () => {
    const long = 'x'.repeat(80);
    expect(literal({ a: long, b: { c: long }, d: [1] }, 0, '  ')).toBe(`{\n    a: '${long}',\n    b: { c: '${long}' },\n    d: [1],\n  }`);
  });

  test('data stays data', () => {
    const value = { list: [...HOSTILE], ...Object.fromEntries(HOSTILE.map((text) => [text, text])) };
    const code = literal(value);
    expect(new Function(`return ${code}`)()).toEqual(value);
  });
});
