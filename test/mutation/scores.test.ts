import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chosen, GROUPS, MUTATED } from './groups.js';
import { scoresOf, updateTable } from './scores.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuseline-scores-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a score counts what was killed of what was tried, and what is justified apart', () => {
  const report = join(folder, 'report.json');
  const mutants = ['Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'CompileError'].map((status) => ({ status }));
  writeFileSync(report, JSON.stringify({ files: { 'a.ts': { mutants } } }));
  expect(scoresOf(report, '2026-01-02')).toEqual([{ file: 'a.ts', mutants: 5, killed: 3, ignored: 1, date: '2026-01-02' }]);
});

test('new scores take the place of the old ones of their files, and leave the others and the page alone', () => {
  const page = join(folder, 'page.md');
  writeFileSync(page, 'before\n<!-- scores: written by npm run mutate -->\n<!-- end of scores -->\nafter\n');
  const score = (file: string, killed: number, date: string) => ({ file, mutants: 8, killed, ignored: 2, date });
  const first = [score('b.ts', 4, '2026-01-01'), score('a.ts', 7, '2026-01-01'), score('gone.ts', 8, '2026-01-01')];
  updateTable(page, first, ['a.ts', 'b.ts', 'gone.ts']);
  updateTable(page, [score('b.ts', 8, '2026-01-02')], ['a.ts', 'b.ts']);
  const rows = ['| `a.ts` | 8 | 7 | 2 | 87.5 | 2026-01-01 |', '| `b.ts` | 8 | 8 | 2 | 100.0 | 2026-01-02 |'];
  const text = readFileSync(page, 'utf8');
  expect(text.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
  expect([text.slice(0, 7), text.slice(-7)]).toEqual(['before\n', '\nafter\n']);
  writeFileSync(page, `${text}\n- \`a.ts\`\n- \`b.ts\`\n`);
  updateTable(page, [score('b.ts', 8, '2026-01-03')], ['a.ts', 'b.ts']);
  expect(readFileSync(page, 'utf8').slice(-17), 'what has a score is no longer listed as unmeasured').toBe('\nafter\n\n- `a.ts`\n');
  writeFileSync(page, 'no place');
  expect(() => updateTable(page, [], [])).toThrow(/has no place for the scores/);
});

describe('what is mutated', () => {
  const root = join(import.meta.dirname, '../..');

  test.each(MUTATED)('%s is there', (file) => {
    expect(readFileSync(join(root, file), 'utf8')).not.toBe('');
  });

  test('all of the breaker but what has nothing to change: types and constants', () => {
    const files = readdirSync(join(root, 'runtime/policies/circuit-breaker'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `runtime/policies/circuit-breaker/${file.replaceAll('\\', '/')}`);
    expect(files.filter((file) => !MUTATED.includes(file)).sort()).toEqual([
      'runtime/policies/circuit-breaker/shown-state.ts',
      'runtime/policies/circuit-breaker/state.ts',
      'runtime/policies/circuit-breaker/window/call-window.ts',
    ]);
  });

  test('by group, by file, or all of it', () => {
    expect(chosen([]).map(([name]) => name)).toEqual(Object.keys(GROUPS));
    expect(chosen(['deadline'])).toEqual([['deadline', GROUPS['deadline']]]);
    const [[name, group] = []] = chosen(['runtime/policies/circuit-breaker/permit.ts']);
    expect([name, group?.files]).toEqual(['breaker', ['runtime/policies/circuit-breaker/permit.ts']]);
    expect(() => chosen(['nothing'])).toThrow(/^'nothing' is no group \(breaker, /);
  });
});

test('the page has a row for everything that is mutated, or says that it has none; none is below 95', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/mutation-testing.md'), 'utf8');
  const scores = new Map([...page.matchAll(/^\| `([^`]+)` \|.*\| ([\d.]+) \| \S+ \|$/gm)].map(([, file, score]) => [file, Number(score)]));
  const [, unmeasured = ''] = page.split('## Not measured since their last change');
  const listed = [...unmeasured.matchAll(/^- `([^`]+)`$/gm)].map(([, file]) => file);
  expect([...scores.keys(), ...listed].sort()).toEqual([...MUTATED].sort());
  for (const [file, score] of scores) expect(score, file).toBeGreaterThanOrEqual(95);
});
