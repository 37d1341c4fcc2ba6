import { describe, expect, it } from 'vitest';
import { codeFrame, lineColumn, lineStarts } from '../../../generator/read/frame.js';
import { quote } from '../../../generator/read/quote.js';

const text = 'one\ntwo\nthree: qery\nfour\nfive\nsix\n';

describe('lineColumn', () => {
  it.each([
    [0, { line: 1, column: 1 }],
    [3, { line: 1, column: 4 }],
    [4, { line: 2, column: 1 }],
    [15, { line: 3, column: 8 }],
  ])('offset %i is %j', (offset, want) => {
    expect(lineColumn(lineStarts(text), offset)).toEqual(want);
  });
});

describe('codeFrame', () => {
  it('shows two lines before and after, and a caret under the place', () => {
    expect(codeFrame(text, lineStarts(text), 3, 8, 4).split('\n')).toEqual([
      '  1 | one',
      '  2 | two',
      '> 3 | three: qery',
      '    |        ^^^^',
      '  4 | four',
      '  5 | five',
    ]);
  });

  it('shows a piece of a line that is too long', () => {
    const long = `${'x'.repeat(5_000)}HERE${'y'.repeat(5_000)}`;
    const [line = '', caret = ''] = codeFrame(long, [0], 1, 5_001, 4).split('\n');
    expect(line.length).toBeLessThan(140);
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
  });

  it('never lets control characters through to a terminal', () => {
    const hostile = 'a: "\u001b[2J\u0007\u202e"';
    expect(codeFrame(hostile, [0], 1, 1, 1)).toContain('\\u001b[2J\\u0007\\u202e');
  });
});

describe('quote', () => {
  it.each([
    ['text', '"text"'],
    ['a\nb', '"a\\nb"'],
    ['\u009b31m\u202e', '"\\u009b31m\\u202e"'],
    [12, '12'],
    [null, 'null'],
    [undefined, 'nothing'],
    [[1], 'a list'],
    [{ a: 1 }, 'a mapping'],
  ])('%j is shown as %s', (value, want) => {
    expect(quote(value)).toBe(want);
  });

  it('shortens', () => {
    expect(quote('x'.repeat(500)).length).toBeLessThan(90);
  });
});
