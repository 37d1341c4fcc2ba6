import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CALL, CLIENT } from '../../runtime/call/client/given-options.js';
import { NAMES } from '../../runtime/protect/protect-options.js';

const page = (path: string): string => readFileSync(fileURLToPath(new URL(`../../docs/${path}`, import.meta.url)), 'utf8');

/** The names in the first column of the table with options that follows `heading`. */
function optionsBelow(text: string, heading: string): readonly string[] {
  const section = text.slice(text.indexOf(heading));
  const [, rows = ''] = /^\| option \|.*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(section) ?? [];
  const first = rows.split('\n').map((row) => row.split('|')[1] ?? '');
  return first.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)).sort();
}

test.each([
  ['options.md', '## Options of a client', CLIENT],
  ['options.md', '## Options of a call', CALL],
  ['policies/protect.md', '# Protect any function', NAMES],
])('%s, %s: the table has each option, and no other', (path, heading, names) => {
  const text = page(path);
  expect(text).toContain(heading);
  expect(optionsBelow(text, heading)).toEqual([...names].sort());
});
