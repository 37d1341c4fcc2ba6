import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hang, Loopback } from '../../support/loopback.js';

const PROGRAM = fileURLToPath(new URL('../../support/exit-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test('A34 the process ends right after its last call, with open circuits, lost races and long timeouts behind it', async () => {
  const server = (await Loopback.start()).answer(hang);
  const closed = await Loopback.start();
  await closed.stop();
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, server.origin, closed.origin], { cwd: ROOT });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
  }
  const code = await new Promise((resolve) => child.once('exit', resolve));
  await server.stop();
  // Neither a timer holds it nor a socket: not the keep-alive of undici, 4 seconds, nor the recovery timeout, 10 minutes.
  expect([output.trim(), code]).toEqual(['open open []', 0]);
});
