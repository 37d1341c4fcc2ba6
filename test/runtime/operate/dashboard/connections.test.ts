import { describe, expect, it } from 'vitest';
import { FeedSetup } from './feed-setup.js';
import { StreamReader } from './stream.js';

describe('connections of a feed', () => {
  it('costs nothing while nobody watches', async () => {
    const test = new FeedSetup();
    const idle = test.clock.pendingTimers;
    const page = test.connect();
    expect(test.clock.pendingTimers).toBe(idle + 1);
    test.trip(test.circuit('ghl'));
    await page.cancel();
    expect(test.feed.connections).toBe(0);
    expect(test.clock.pendingTimers).toBe(idle);
    test.trip(test.circuit('retell'));
    expect(test.clock.pendingTimers).toBe(idle);
  });

  it('is no more when the request is aborted', async () => {
    const test = new FeedSetup();
    const aborter = new AbortController();
    const page = test.connect(aborter.signal);
    await test.clock.advance(0);
    aborter.abort();
    await test.clock.advance(0);
    expect(page.ended).toBe(true);
    expect(test.feed.connections).toBe(0);
  });

  it('takes no request that was aborted before', async () => {
    const test = new FeedSetup();
    const page = test.connect(AbortSignal.abort());
    await test.clock.advance(0);
    expect(page.ended).toBe(true);
    expect(test.feed.connections).toBe(0);
  });

  it('takes so many and no more, until one has gone', async () => {
    const test = new FeedSetup({ maxConnections: 2 });
    const signal = new AbortController().signal;
    const page = test.connect();
    test.connect();
    expect(test.feed.connect(signal)).toBeUndefined();
    await page.cancel();
    expect(test.feed.connect(signal)).toBeDefined();
  });

  it('ends them all when it is disposed of, and takes none', async () => {
    const test = new FeedSetup();
    const pages = [test.connect(), test.connect()];
    test.feed[Symbol.dispose]();
    await test.clock.advance(0);
    expect(pages.map(({ ended }) => ended)).toEqual([true, true]);
    expect(test.feed.connect(new AbortController().signal)).toBeUndefined();
  });

  it('keeps a few messages for a client that takes none, and then tells it everything afresh', async () => {
    const test = new FeedSetup();
    const circuit = test.circuit('ghl');
    const stream = test.feed.connect(new AbortController().signal);
    if (stream === undefined) throw new Error('no connection');
    for (let second = 0; second < 20; second++) {
      test.succeed(circuit, 1);
      await test.clock.advance(1_000);
    }
    const page = new StreamReader(stream);
    await test.clock.advance(0);
    expect(page.events).toEqual(['state', ...Array.from({ length: 7 }, () => 'update')]);
    await test.clock.advance(1_000);
    expect(page.last).toMatchObject({ event: 'state', data: { circuits: [{ name: 'ghl', totals: { requests: 20 } }] } });
    test.succeed(circuit, 1);
    await test.clock.advance(1_000);
    expect(page.last).toMatchObject({ event: 'update', data: { circuits: [{ totals: { requests: 21 } }] } });
  });

  it('lets a client go that takes nothing for long, and keeps the others', async () => {
    const test = new FeedSetup();
    const circuit = test.circuit('ghl');
    const stuck = test.feed.connect(new AbortController().signal);
    const other = test.connect();
    for (let second = 0; second < 60; second++) {
      test.succeed(circuit, 1);
      await test.clock.advance(1_000);
    }
    expect(test.feed.connections).toBe(1);
    expect(other.ended).toBe(false);
    await expect(stuck?.getReader().read()).rejects.toThrow('accepts no messages');
  });
});
