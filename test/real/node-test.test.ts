import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../support/node-test-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('under `node --test` a call and a function that hang end with their deadlines; the runner cancels no test', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', '--test', '--test-reporter', 'tap', PROGRAM], {
    cwd: ROOT,
    // A runner that was started by another one speaks to that one instead.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  expect([code, output.match(/^(?:not )?ok .*$/gm)], output).toEqual([
    0,
    ['ok 1 - first call', 'ok 2 - first function', 'ok 3 - second call', 'ok 4 - second function'],
  ]);
});
