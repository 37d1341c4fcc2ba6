import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { json, Loopback } from '../support/loopback.js';

const PROGRAM = fileURLToPath(new URL('../support/no-descriptors-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test.skipIf(process.platform === 'win32')('no file descriptor for undici at first: calls work as soon as there are some', async () => {
  const server = (await Loopback.start()).answer(json({ a: 1 }));
  // The shell's own limit, as a service manager sets it.
  const line = 'ulimit -n 256; exec "$0" --import tsx "$1" "$2"';
  const { stdout } = await promisify(execFile)('bash', ['-c', line, process.execPath, PROGRAM, server.origin], { cwd: ROOT });
  await server.stop();
  // A descriptor that came free meanwhile can let undici load, but not its socket.
  expect(JSON.parse(stdout)).toEqual([
    expect.stringMatching(/^(request|retry_exhausted)$/),
    'answered',
    'answered',
    'answered',
    ['closed'],
  ]);
});
