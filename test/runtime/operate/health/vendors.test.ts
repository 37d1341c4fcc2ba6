import { BreakerRegistry } from 'fuseline';
import { healthHandler } from 'fuseline/health';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { getThing, testClient } from '../../../support/client.js';
import { Loopback } from '../../../support/loopback.js';

let vendor: Loopback;

beforeEach(async () => {
  vendor = await Loopback.start();
});
afterEach(() => vendor.stop());

test('whatever is asked, no vendor is: not while closed, open, or ready to probe', async () => {
  const clock = new FakeClock();
  const registry = new BreakerRegistry({ clock });
  const secret = 'vendor-token-that-nobody-shows';
  const client = testClient({ baseUrl: vendor.origin, token: secret, registry, clock, breaker: { failureThreshold: 1 }, retry: false });
  const call = () => client.call(getThing, { id: 'x' }).catch(() => undefined);
  const handler = healthHandler({
    registry,
    clock,
    token: 'read-token-0123456789',
    adminToken: 'admin-token-0123456789',
    metrics: () => ({ contentType: 'text/plain', body: '' }),
  });
  const seen: string[] = [];
  const ask = async (method: string, path: string): Promise<void> => {
    const headers = { authorization: 'Bearer admin-token-0123456789' };
    const response = await handler(new Request(`http://localhost/${path}`, { method, headers }));
    expect([path, response.status]).toEqual([path, 200]);
    seen.push(await response.text());
  };
  const read = async (): Promise<void> => {
    for (const path of ['health/circuit-breakers', 'health/dependencies', 'metrics']) await ask('GET', path);
  };

  await call();
  await read();
  expect(vendor.requests).toHaveLength(1);
  vendor.answer((response) => response.writeHead(503).end());
  await call();
  const [circuit] = registry.list();
  expect(circuit?.state).toBe('open');
  await read();
  clock.jump(circuit?.options.recoveryTimeoutMs ?? 0);
  expect(circuit?.state).toBe('half_open');
  await read();
  for (const word of ['force-close', 'force-open', 'reset']) {
    await ask('POST', `circuit-breakers/${encodeURIComponent(circuit?.name ?? '')}/${word}`);
    await read();
  }
  expect(vendor.requests).toHaveLength(2);
  expect(seen.join('\n')).toContain(circuit?.name);
  expect(seen.join('\n')).not.toMatch(new RegExp(`${secret}|token-0123456789`));
});
