import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TRANSPORTS } from '../support/client.js';
import { hang, json, Loopback } from '../support/loopback.js';

const PROGRAM = fileURLToPath(new URL('../support/blocked-loop-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the program over each transport. Says what it wrote. */
async function blocked(origin: string, when: 'now' | 'later', transport: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, origin, transport, when], { cwd: ROOT });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
  }
  await once(child, 'close');
  return output.trim();
}

test.each([
  ['small', 10],
  ['of many chunks', 300_000],
])('R5 a blocked event loop fails no call whose answer has arrived, %s', async (_, length) => {
  const server = (await Loopback.start()).answer(json({ text: 'x'.repeat(length) }));
  try {
    for (const [transport] of TRANSPORTS)
      expect([transport, await blocked(server.origin, 'later', transport)]).toEqual([transport, '["ok","ok","ok","ok"] closed']);
  } finally {
    await server.stop();
  }
});

test('a block in the turn of the calls fails none of them, because their requests leave after it', async () => {
  const server = (await Loopback.start()).answer(json({}));
  try {
    for (const [transport] of TRANSPORTS)
      expect([transport, await blocked(server.origin, 'now', transport)]).toEqual([transport, '["ok","ok","ok","ok"] closed']);
  } finally {
    await server.stop();
  }
});

test.each(['now', 'later'] as const)('a service that hangs times out and opens its circuit all the same, block: %s', async (when) => {
  const warm = json({});
  // The first four open the connections.
  const server = (await Loopback.start()).answer(warm, warm, warm, warm, hang);
  try {
    const [results, state] = (await blocked(server.origin, when, 'undici')).split('] ');
    expect(results?.match(/no complete answer within 500 ms \(waiting/g)).toHaveLength(4);
    expect(state).toBe('open');
  } finally {
    await server.stop();
  }
});
