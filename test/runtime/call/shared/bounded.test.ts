import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../../runtime/call/shared/bounded-map.js';
import { sharedState } from '../../../../runtime/call/shared/shared-state.js';
import { BreakerRegistry, limitStats } from '../../../../runtime/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { getThing, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';

describe('A51 a bounded map', () => {
  it('forgets what was asked for least recently', () => {
    const map = new BoundedMap<number>(3, () => true);
    for (const [at, key] of ['a', 'b', 'c'].entries()) map.set(key, at);
    map.get('a');
    map.set('d', 3);
    expect([...map.values()]).toEqual([2, 0, 3]);
    expect(map.get('b')).toBeUndefined();
  });

  it('keeps what someone would miss, and grows only where all of it is', () => {
    const map = new BoundedMap<{ busy: boolean }>(3, ({ busy }) => !busy);
    const values = [true, false, true].map((busy) => ({ busy }));
    for (const [at, value] of values.entries()) map.set(`${at}`, value);
    map.set('3', { busy: true });
    expect([...map.values()].map(({ busy }) => busy)).toEqual([true, true, true]);
    map.set('4', { busy: true });
    expect(map.size).toBe(4);
    for (const value of map.values()) value.busy = false;
    map.set('5', { busy: true });
    expect(map.size).toBe(3);
  });
});

describe('A51 what clients share besides circuits', () => {
  it('A51 is bounded as the circuits are, however many origins there are', async () => {
    const clock = new FakeClock();
    const registry = new BreakerRegistry({ clock, maxCircuits: 10 });
    const transport = new InMemory(answers(200));
    for (let at = 0; at < 60; at++) {
      const baseUrl = `https://tenant-${at}.example`;
      const client = testClient({
        registry,
        clock,
        baseUrl,
        dispatcher: transport,
        bulkhead: { maxConcurrent: 2 },
        rateLimit: { requests: 5, perMs: 100 },
      });
      await client.call(getThing, { id: 1 });
      clock.jump(200);
    }
    expect(transport.requests).toHaveLength(60);
    const { bulkheads, rateLimiters } = limitStats(registry);
    expect([registry.list().length, bulkheads.length, rateLimiters.length, sharedState(registry).budgets.size]).toEqual([10, 10, 10, 10]);
    expect(bulkheads.at(-1)?.name).toBe('acme@tenant-59.example');
  });

  it('A51 last good responses take no more than the registry allows', async () => {
    const registry = new BreakerRegistry({ maxLastGoodBytes: 20_000 });
    const transport = new InMemory(answers(200, { text: 'x'.repeat(2_000) }));
    const policies = { service: { fallback: [{ kind: 'lastGood', maxAgeMs: null }] } } as const;
    const client = testClient({ registry, token: 't', dispatcher: transport, retry: false }, { baseUrl: 'https://acme.example', policies });
    for (let id = 0; id < 50; id++) await client.call(getThing, { id });
    expect(sharedState(registry).lastGood.bytes).toBeGreaterThan(10_000);
    expect(sharedState(registry).lastGood.bytes).toBeLessThanOrEqual(20_000);
    transport.react(answers(503));
    expect(await client.call(getThing, { id: 49 }).result()).toMatchObject({ source: 'cache' });
    expect(await client.call(getThing, { id: 0 }).result()).toMatchObject({ ok: false });
  });
});
