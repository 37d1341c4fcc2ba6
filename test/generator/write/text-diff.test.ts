import { describe, expect, test } from 'vitest';
import { textDiff } from '../../../generator/write/text-diff.js';

const lines = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join('');

describe('textDiff', () => {
  test.each([
    ['nothing', 'a\nb\n', 'a\nb\n', []],
    ['a line more', 'a\nb\n', 'a\nx\nb\n', ['@@ line 1 @@', ' a', '+x']],
    ['a line less', 'a\nx\nb\n', 'a\nb\n', ['@@ line 1 @@', ' a', '-x']],
    ['another line', 'a\nx\nb\n', 'a\ny\nb\n', ['@@ line 1 @@', ' a', '-x', '+y']],
    ['everything', 'a\n', '', ['@@ line 1 @@', '-a']],
    [
      'two places',
      `a\n${lines(1, 9)}b\n`,
      `A\n${lines(1, 9)}B\n`,
      ['@@ line 1 @@', '-a', '+A', '@@ line 9 @@', ' line 8', ' line 9', '-b', '+B'],
    ],
  ])('%s', (_, before, after, expected) => expect(textDiff(before, after)).toEqual(expected));

  test('is bounded', () => {
    const diff = textDiff('', lines(1, 50), { maxLines: 4 });
    expect(diff).toEqual(['@@ line 1 @@', '+line 1', '+line 2', '+line 3', '… 47 more lines']);
    const huge = textDiff(lines(1, 5000), lines(6000, 9999), { maxLines: 2 });
    expect(huge).toEqual(['@@ line 1 @@', '-line 1', '… 8999 more lines']);
  });
});
