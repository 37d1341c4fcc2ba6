import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const TESTS = fileURLToPath(new URL('..', import.meta.url));

/** What broke other libraries: a test that proves that it does not break this one says so by this id, in its name or its group's. */
const HARD_CASES = [
  ...['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8', 'A9', 'A10', 'A12', 'A13', 'A14', 'A16'],
  ...['A19', 'A20', 'A21', 'A22', 'A23', 'A25', 'A26', 'A27', 'A28', 'A29', 'A30', 'A31', 'A32', 'A34', 'A35'],
  ...['A37', 'A38', 'A39', 'A40', 'A41', 'A42', 'A44', 'A45', 'A47', 'A49', 'A50', 'A52', 'A53'],
];

/** The ids in the names of a file's tests and groups. */
function idsIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const ids: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [name] = node.arguments;
      if (name !== undefined && ts.isStringLiteralLike(name)) ids.push(...(name.text.match(/\bA\d{1,2}\b/g) ?? []));
    }
    ts.forEachChild(node, look);
  };
  look(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return ids;
}

/** `test(…)`, `describe(…)`, and either with `.each(…)`; not what is skipped or left to do. */
function isTest(called: ts.Expression): boolean {
  if (ts.isIdentifier(called)) return ['test', 'it', 'describe'].includes(called.text);
  if (!ts.isCallExpression(called) || !ts.isPropertyAccessExpression(called.expression)) return false;
  const { expression, name } = called.expression;
  return name.text === 'each' && isTest(expression);
}

test('every hard case has a test that names it', () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((file) => /^runtime\b.*\.test\.ts$/.test(file));
  const named = new Set(files.flatMap((file) => idsIn(join(TESTS, file))));
  expect(HARD_CASES.filter((id) => !named.has(id))).toEqual([]);
});
