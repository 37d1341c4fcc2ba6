import { describe, expect, it } from 'vitest';
import { FeedSetup } from './feed-setup.js';
import type { Message } from './stream.js';

function updateOf(message: Message | undefined): Extract<Message, { event: 'update' }>['data'] {
  if (message?.event !== 'update') throw new Error(`expected an update, got ${message?.event}`);
  return message.data;
}

describe('a feed', () => {
  it('begins with everything', async () => {
    const test = new FeedSetup();
    test.succeed(test.circuit('ghl'), 2);
    test.trip(test.circuit('retell'));
    const page = test.connect();
    await test.clock.advance(0);
    expect(page.events).toEqual(['state']);
    expect(page.last?.data).toMatchObject({
      now: test.clock.wallNow(),
      instance: 'test',
      circuits: [
        { name: 'ghl', state: 'closed', downSince: null, retryAt: null, totals: { requests: 2, failed: 0 } },
        {
          name: 'retell',
          state: 'open',
          downSince: test.clock.wallNow(),
          retryAt: test.clock.wallNow() + 60_000,
          reason: 'consecutive_failures',
        },
      ],
      timeline: [{ id: 1, circuit: 'retell', kind: 'open', failures: 3, waitMs: 60_000 }],
    });
  });

  it('tells a change of state at once, and not within the call that made it', async () => {
    const test = new FeedSetup();
    const circuit = test.circuit('ghl');
    const page = test.connect();
    await test.clock.advance(500);
    test.trip(circuit);
    expect(page.events).toEqual(['state']);
    await test.clock.advance(0);
    expect(page.events).toEqual(['state', 'update']);
    const update = updateOf(page.last);
    expect(update.now).toBe(test.clock.wallNow());
    expect(update.circuits).toMatchObject([{ name: 'ghl', state: 'open' }]);
    expect(update.timeline).toMatchObject([{ circuit: 'ghl', kind: 'open' }]);
  });

  it('tells other changes once a second, and only the fields that changed', async () => {
    const test = new FeedSetup();
    const circuit = test.circuit('ghl');
    test.circuit('retell');
    const page = test.connect();
    await test.clock.advance(0);
    for (let n = 0; n < 50; n++) {
      test.succeed(circuit, 1);
      await test.clock.advance(10);
    }
    expect(page.events).toEqual(['state']);
    await test.clock.advance(500);
    expect(page.events).toEqual(['state', 'update']);
    const [patch, ...others] = updateOf(page.last).circuits;
    expect(others).toEqual([]);
    expect(Object.keys(patch ?? {}).sort()).toEqual(['failedShare', 'latency', 'name', 'rate', 'totals']);
    expect(patch?.totals?.requests).toBe(50);
  });

  it('sends a storm of changes in few messages', async () => {
    const test = new FeedSetup();
    const circuits = Array.from({ length: 200 }, (_, n) => test.circuit(`tenant-${n}`));
    const page = test.connect();
    await test.clock.advance(0);
    for (const circuit of circuits) {
      test.trip(circuit);
      await test.clock.advance(1);
    }
    await test.clock.advance(100);
    expect(page.messages.length).toBeLessThanOrEqual(5);
    const told = page.messages.flatMap((message) => (message.event === 'update' ? message.data.timeline : []));
    expect(told.map(({ circuit }) => circuit)).toEqual(circuits.map(({ name }) => name));
  });

  it('says every few seconds that it is there', async () => {
    const test = new FeedSetup();
    test.circuit('ghl');
    const page = test.connect();
    await test.clock.advance(20_000);
    const beats = page.messages.filter(({ event }) => event === 'beat');
    expect(beats.length).toBeGreaterThanOrEqual(3);
    expect(beats.length).toBeLessThanOrEqual(5);
    expect(page.last?.data.now).toBeGreaterThan(test.clock.wallNow() - 6_000);
  });

  it('shows that an open circuit may be probed, although no event says so', async () => {
    const test = new FeedSetup();
    test.trip(test.circuit('ghl'));
    const page = test.connect();
    await test.clock.advance(61_000);
    const states = page.messages.flatMap((message) => (message.event === 'update' ? message.data.circuits : [])).map(({ state }) => state);
    expect(states).toContain('half_open');
  });

  it('tells of circuits that come and go', async () => {
    const test = new FeedSetup();
    const page = test.connect();
    await test.clock.advance(0);
    test.circuit('ghl');
    await test.clock.advance(1_000);
    expect(updateOf(page.last).circuits).toMatchObject([{ name: 'ghl', state: 'closed', periods: [] }]);
    test.registry.clear();
    await test.clock.advance(1_000);
    expect(updateOf(page.last).removed).toEqual(['ghl']);
  });

  it('gives a page that comes later what the others know, and then the same', async () => {
    const test = new FeedSetup();
    const circuit = test.circuit('ghl');
    const first = test.connect();
    await test.clock.advance(0);
    test.trip(circuit);
    await test.clock.advance(300);
    const second = test.connect();
    await test.clock.advance(1_000);
    test.succeed(test.circuit('retell'), 1);
    await test.clock.advance(1_000);
    expect(second.messages[0]?.data).toMatchObject({ circuits: [{ name: 'ghl', state: 'open' }], timeline: [{ id: 1 }] });
    expect(second.last).toEqual(first.last);
    expect(updateOf(second.last).circuits.map(({ name }) => name)).toContain('retell');
  });
});
