import { expect, it } from 'vitest';
import { codeFrame, lineColumn, lineStarts } from '../../../runtime/config/frame.js';

function frame(text: string, line: number, column: number, length: number): string[] {
  return codeFrame(text, lineStarts(text), line, column, length).split('\n');
}

it('two lines of context, numbers aligned, the place underlined', () => {
  const text = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`).join('\n');
  expect(frame(text, 10, 6, 2)).toEqual([
    '   8 | line 8',
    '   9 | line 9',
    '> 10 | line 10',
    '     |      ^^',
    '  11 | line 11',
    '  12 | line 12',
  ]);
});

it('the line behind the last line end is shown only when it is meant', () => {
  expect(frame('a: 1\n', 1, 1, 1)).toEqual(['> 1 | a: 1', '    | ^']);
  expect(frame('a: {\n', 2, 1, 1)).toEqual(['  1 | a: {', '> 2 |', '    | ^']);
  expect(frame('', 1, 1, 1)).toEqual(['> 1 |', '    | ^']);
});

it('long lines are cut around the place, control characters are escaped', () => {
  const [shown = '', caret = ''] = frame(`${'x'.repeat(300)}HERE${'y'.repeat(300)}`, 1, 301, 4);
  expect(shown.length).toBeLessThan(130);
  expect(shown.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
  expect(frame('a\u001b[31m: 1\r\n', 1, 1, 1)[0]).toBe('> 1 | a\\u001b[31m: 1');
});

it('offsets become lines and columns', () => {
  const starts = lineStarts('ab\n\ncd');
  expect([0, 1, 2, 3, 4, 5].map((offset) => Object.values(lineColumn(starts, offset)))).toEqual([
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 1],
    [3, 1],
    [3, 2],
  ]);
});
