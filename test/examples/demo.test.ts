import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';

const main = fileURLToPath(new URL('../../examples/demo/main.ts', import.meta.url));
const PATIENCE_MS = 60_000;
let demo: ChildProcess | undefined;
afterEach(() => demo?.kill('SIGKILL'));

it('the demo serves its dashboard until it is interrupted', { timeout: 2 * PATIENCE_MS }, async () => {
  const running = spawn(process.execPath, ['--import', 'tsx', main, '--dashboard'], { stdio: ['ignore', 'pipe', 'pipe'] });
  demo = running;
  let output = '';
  for (const stream of [running.stdout, running.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const url = await vi.waitFor(() => /http:\S+\/dashboard/.exec(output)?.[0] ?? Promise.reject(new Error(output)), {
    timeout: PATIENCE_MS,
  });
  expect(await (await fetch(url)).text()).toContain('<title>Circuits</title>');
  const base = url.replace('/dashboard', '');
  // Traffic goes on: after a moment each vendor has a circuit, and calls that were counted.
  await vi.waitFor(
    async () => {
      const metrics = await (await fetch(`${base}/metrics`)).text();
      for (const service of ['ghl', 'sendgrid', 'retell', 'lyrio'])
        expect(metrics).toMatch(new RegExp(`^circuit_breaker_requests_total\\{service="${service}"[^}]*\\} [1-9]`, 'm'));
    },
    { timeout: PATIENCE_MS, interval: 200 },
  );
  running.kill('SIGINT');
  const [code] = (await once(running, 'exit')) as [number | null];
  expect(code).toBe(0);
});
