import { expect, test, vi } from 'vitest';
import { getThing, testClient } from '../../support/client.js';

const undici = vi.hoisted(() => ({ broken: true }));

vi.mock('undici', (importOriginal) => {
  if (undici.broken) throw new Error('Dynamic require of "node:assert" is not supported');
  return importOriginal();
});

const options = { baseUrl: 'http://127.0.0.1:9', retry: false } as const;

// One test: a transport that is loaded stays so.
test('where undici cannot be loaded the call says so, and blames neither token nor service; the next call tries again', async () => {
  for (const token of ['t', () => 't', () => Promise.resolve('t')]) {
    const client = testClient({ ...options, token });
    const result = await client.call(getThing, { id: 1 }).result();
    expect(result).toMatchObject({ ok: false, error: { kind: 'request' } });
    expect(String(!result.ok && (result.error as Error).message)).toContain('the transport cannot be loaded (undici)');
    expect(client.breaker('things.get').snapshot().stats.totalRequests).toBe(0);
  }
  undici.broken = false;
  const result = await testClient({ ...options, token: 't' })
    .call(getThing, { id: 1 })
    .result();
  expect(result).toMatchObject({ ok: false, error: { kind: 'network' } });
});

test('a token function that fails is still blamed for it', async () => {
  const token = (): Promise<string> => Promise.reject(new Error('no token'));
  const result = await testClient({ ...options, token })
    .call(getThing, { id: 1 })
    .result();
  expect(String(!result.ok && (result.error as Error).message)).toContain('the token function failed');
});

test('other transports need none of it', async () => {
  const result = await testClient({ ...options, token: 't', transport: 'fetch' })
    .call(getThing, { id: 1 })
    .result();
  expect(result).toMatchObject({ ok: false, error: { kind: 'network' } });
});
