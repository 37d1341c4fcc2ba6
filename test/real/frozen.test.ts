import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Answer, empty, hang, Loopback, text } from '../support/loopback.js';

const PROGRAM = fileURLToPath(new URL('./frozen-program.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const byPath: Answer = (response, seen) => {
  if (seen.url === '/503') empty(503)(response, seen);
  else if (seen.url === '/html') text('<html>', 'text/html')(response, seen);
  else hang(response, seen);
};

/** The kinds that the program makes, in order. */
const KINDS = [
  ...['http', 'retry_exhausted', 'response', 'network', 'timeout', 'timeout', 'request', 'configuration', 'circuit_open', 'aborted'],
  ...['bulkhead_full', 'rate_limited', 'thrown', 'timeout', 'tiers_failed'],
];

test('under --frozen-intrinsics every kind of error reaches its caller, and none ends the process', async () => {
  const server = (await Loopback.start()).answer(byPath);
  const closed = await Loopback.start();
  await closed.stop();
  const child = spawn(process.execPath, ['--frozen-intrinsics', '--import', 'tsx', PROGRAM, server.origin, closed.origin], { cwd: ROOT });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk: Buffer) => (output[name] += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  await server.stop();
  const told = output.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  expect(told.at(-1), output.stderr).toEqual(['ended']);
  expect(told.slice(0, -1)).toEqual(KINDS.map((kind) => [kind, kind, 'true']));
  expect(code).toBe(0);
});
