import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { Demo } from '../support/demo.js';
import { PATIENCE_MS } from '../support/patience.js';

let demo: Demo | undefined;
afterEach(() => demo?.kill());

it('the demo serves its dashboard until it is interrupted', async () => {
  demo = await Demo.start();
  const { base, process: running } = demo;
  expect(await (await fetch(`${base}/dashboard`)).text()).toContain('<title>Circuits</title>');
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
