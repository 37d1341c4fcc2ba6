import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../support/own-fetch-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test.each([
  ['client', [], 'of Node'],
  ['alert', [], 'of Node'],
  ['client', ['mine'], 'of the program'],
  ['alert', ['mine'], 'of the program'],
] as const)('undici loaded by: %s, the program with a dispatcher: %j; its fetch has the dispatcher %s', async (what, own, whose) => {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, what, ...own], { cwd: ROOT });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
  }
  const [code] = await once(child, 'close');
  expect([output.trim(), code]).toEqual([`${whose}; requests 1`, 0]);
});
