import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import {
  commentLine,
  commentLines,
  identifier,
  isIdentifier,
  jsDoc,
  propertyKey,
  propertyName,
  stringLiteral,
} from '../../../../generator/emit/code/escape.js';
import { HOSTILE } from '../hostile.js';

/** What an expression evaluates to, where it is nothing but data. */
function evaluate(code: string): unknown {
  return new Function(`'use strict'; return (${code});`)();
}

describe('stringLiteral', () => {
  test.each([...HOSTILE, '', "it's", 'a "quote"', `both ' and "`, 'tab\tline\n', 'ünïcödé 🏠'])('%j reads back as itself', (text) => {
    const code = stringLiteral(text);
    expect(evaluate(code)).toBe(text);
    expect(code).not.toMatch(/[\n\r\u2028\u2029]/);
  });

  test.each([
    ['plain', "'plain'"],
    ["it's", '"it\'s"'],
    ['\u202e', "'\\u202e'"],
    ['\ud800', "'\\ud800'"],
  ])('%j is written %s', (text, code) => expect(stringLiteral(text)).toBe(code));
});

describe('property names', () => {
  test.each([...HOSTILE, '65+', 'a-b', 'class', '0', '007'])('%j stays one property', (name) => {
    const key = `({ ${propertyKey(name)}: 1 })`;
    expect(Object.keys(evaluate(key) as object)).toEqual([name]);
    expect(evaluate(`(${key})[${JSON.stringify(name)}]`)).toBe(1);
  });

  test('only `__proto__` is computed, and only in objects', () => {
    expect(propertyKey('__proto__')).toBe("['__proto__']");
    expect(propertyName('__proto__')).toBe('__proto__');
    expect(propertyKey('200')).toBe('200');
  });
});

describe('identifiers', () => {
  test.each(['a', '$a', '_1', 'Contact', 'of', 'é', '用户', 'हिन्दी'])('%s is one', (name) => expect(isIdentifier(name)).toBe(true));
  test.each(['', '1a', 'a-b', 'class', 'await', 'a b', '²', 'a\u200db', 'a;evil()', '__proto__ '])('%j is none', (name) => {
    expect(isIdentifier(name)).toBe(false);
    expect(() => identifier(name)).toThrow(`Expected an identifier, found ${JSON.stringify(name)}`);
  });
});

describe('comments', () => {
  test.each(HOSTILE)('%j does not leave its comment', (text) => {
    const source = `${jsDoc(commentLines(text))}// ${commentLine(text)}\nconst answer = 42;`;
    const file = ts.createSourceFile('a.ts', source, ts.ScriptTarget.ES2022, true);
    expect(file.statements.map((statement) => statement.getText())).toEqual(['const answer = 42;']);
    const tags = file.statements[0] === undefined ? [] : ts.getJSDocTags(file.statements[0]);
    expect(tags).toEqual([]);
  });

  test('lines stay lines, without the empty ones around', () => {
    expect(commentLines('\r\n one\r\n\r\n  @two {@link x}\u2028three */ \n')).toEqual([' one', '', '  \\@two {\\@link x}', 'three *\\/']);
  });

  test('a comment of one line is short', () => {
    expect(jsDoc(['one'], '  ')).toBe('  /** one */\n');
    expect(jsDoc(['one', '', 'two'], '  ')).toBe('  /**\n   * one\n   *\n   * two\n   */\n');
    expect(jsDoc([])).toBe('');
  });
});
