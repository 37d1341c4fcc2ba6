import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders of tests that have tools of their own, which come with tests of theirs. */
export const FOREIGN = ['test/package/**', '**/node_modules/**'];

/** The files of tests whose text matches, relative to the project. */
export function testsThatSay(pattern: RegExp): string[] {
  return readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.test.ts') && !file.includes('/node_modules/'))
    .filter((file) => pattern.test(readFileSync(`${root}${file}`, 'utf8')));
}
