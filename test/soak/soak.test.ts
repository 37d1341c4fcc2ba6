import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs the soak as its own process, as `npm run soak` does. */
async function soak(...args: readonly string[]): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
  }
  const [code] = await once(child, 'close');
  return { code, output };
}

// Beside each other, since they mostly wait.
describe.concurrent('a soak', () => {
  test('leaves nothing behind (a short one; npm run soak is the long one)', async () => {
    const { code, output } = await soak('--seconds', '6', '--rounds', '3', '--callers', '300', '--seed', '1');
    // The output, so that a failure shows what was found.
    expect(code === 0 ? 'nothing left' : output).toBe('nothing left');
  });

  test.each([
    ['permit', /\d+ permits are out/],
    ['timer', /\d+ timers (?:are pending although every call has settled|of the runtime are pending)/],
    ['listener', /left a listener on its signal|a listener is left on the shared signal/],
  ])('finds a %s that is not given back', async (sabotage, fault) => {
    const { code, output } = await soak('--seconds', '3', '--rounds', '3', '--callers', '200', '--seed', '1', '--sabotage', sabotage);
    expect(output).toMatch(fault);
    expect(code).toBe(1);
  });
});
