import { lastGood } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadOptionalCode } from '../../../../runtime/call/optional-code.js';
import { errorOf } from '../../../support/client.js';
import { ask, Senders, WAYS } from './senders.js';

let senders: Senders;
const { fetch: originalFetch } = globalThis;

beforeEach(() => {
  senders = new Senders();
});

afterEach(() => {
  globalThis.fetch = originalFetch;
});

const entries = Object.entries(WAYS);
const pairs = entries.flatMap(([a, first]) => entries.map(([b, second]) => [a, b, first, second] as const));

describe('R17 what belongs to one sender is given to no other', () => {
  test.each(pairs)('kept answers: %s, then %s', async (_a, _b, first, second) => {
    senders.patchFetch();
    const options = { fallbacks: { 'things.get': lastGood() } };
    const ana = senders.client(first, 'tenant-ana', options);
    expect(await ask(ana, first, 'tenant-ana')).toEqual({ owner: 'tenant-ana' });
    senders.vendor.down = true;
    globalThis.fetch = async () => Response.json({}, { status: 503 });
    const bob = first === second && first.oneClient ? ana : senders.client(second, 'tenant-bob', options);
    expect(await errorOf(ask(bob, second, 'tenant-bob'))).toMatchObject({ kind: 'http', status: 503 });
  });

  test.each(entries)('kept answers for the same sender: %s', async (_, way) => {
    senders.patchFetch();
    const ana = senders.client(way, 'tenant-ana', { fallbacks: { 'things.get': lastGood() } });
    await ask(ana, way, 'tenant-ana');
    senders.vendor.down = true;
    globalThis.fetch = async () => Response.json({}, { status: 503 });
    if (way.known) expect(await ask(ana, way, 'tenant-ana')).toEqual({ owner: 'tenant-ana' });
    else expect(await errorOf(ask(ana, way, 'tenant-ana'))).toMatchObject({ status: 503 });
  });

  test.each(entries.filter(([, { oneClient }]) => oneClient))('shared requests of one client: %s', async (_, way) => {
    senders.patchFetch();
    await loadOptionalCode();
    const client = senders.client(way, 'unused', { coalesce: true });
    senders.vendor.holding = true;
    const answers = Promise.all(['tenant-ana', 'tenant-bob'].map((name) => ask(client, way, name)));
    await Promise.resolve();
    senders.vendor.release();
    expect(await answers).toEqual([{ owner: 'tenant-ana' }, { owner: 'tenant-bob' }]);
    expect(senders.vendor.requests).toBe(2);
  });

  test.each(entries.filter(([name]) => !name.includes('patched fetch') && !name.includes('beside one token')))(
    'lanes of the rate limit: %s',
    async (_, way) => {
      const options = { rateLimit: { requests: 1, perMs: 60_000, maxWaitMs: 0 } };
      const ana = senders.client(way, 'tenant-ana', options);
      const bob = way.oneClient ? ana : senders.client(way, 'tenant-bob', options);
      await ask(ana, way, 'tenant-ana');
      const answer = ask(bob, way, 'tenant-bob');
      // One client whose senders are not known has one budget: it shares no data.
      if (way.known || !way.oneClient) expect(await answer).toEqual({ owner: 'tenant-bob' });
      else expect(await errorOf(answer)).toMatchObject({ kind: 'rate_limited' });
    },
  );
});
