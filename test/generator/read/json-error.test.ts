import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonError } from '../../../generator/read/json-error.js';

describe('jsonError', () => {
  it.each([
    ['{"a": tru}', 6, 'a value'],
    ['{"a": 1 "b": 2}', 8, 'a comma or the end of the list or mapping'],
    ['{"a": 1,}', 8, 'a key in double quotes'],
    ['{a: 1}', 1, 'a key in double quotes or }'],
    ['[1, 2', 5, 'a comma or the end of the list or mapping'],
    ['[01]', 1, 'a value or ]'],
    ['{"a" 1}', 5, 'a colon'],
    ['{} {}', 3, 'the end of the document'],
    ['["a\nb"]', 1, 'a value or ]'],
    ['', 0, 'a value'],
  ])('%s is wrong at %i', (text, at, expected) => {
    expect(jsonError(text)).toEqual({ at, expected });
  });

  it('accepts all that JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonError(text)).toEqual({ at: text.length, expected: 'the end of the document' });
      }),
    );
  });
});
