import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TRANSPORTS } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';

const PROGRAM = fileURLToPath(new URL('../support/blocked-loop-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test.each([
  ['small', 10],
  ['of many chunks', 300_000],
])('R5 a blocked event loop fails no call whose answer has arrived, %s', async (_, length) => {
  const server = (await Loopback.start()).answer(json({ text: 'x'.repeat(length) }));
  try {
    for (const [transport] of TRANSPORTS) {
      const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, server.origin, transport], { cwd: ROOT });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += String(chunk);
        });
      }
      await once(child, 'close');
      expect([transport, output.trim()]).toEqual([transport, '["ok","ok","ok","ok"] closed']);
    }
  } finally {
    await server.stop();
  }
});
