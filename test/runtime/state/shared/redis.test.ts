import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RedisCommand, redisStore, type SharedStateStore, type StoredReport } from '../../../../runtime/state/shared/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { type Client, commandOf, NO_REDIS, RedisServer } from '../../../support/redis.js';
import { noUnhandledRejections } from '../../../support/unhandled.js';
import { Fleet, RECOVERY_MS } from './fleet.js';

noUnhandledRejections(() => new FakeClock().advance(0));

const KEY = 'fuseline:circuits';
const LEASE_MS = 600_000;

/** One exchange of `instance` by itself. */
function exchange(store: SharedStateStore, instance: string, report: string, leaseMs = LEASE_MS): PromiseLike<readonly StoredReport[]> {
  return store.exchange(instance, report, leaseMs, new AbortController().signal);
}

/** Members of one fleet with a connection each. Their clock stands still, so each exchange is asked for, and takes as long as it takes. */
async function fleetOf(server: RedisServer, size: number): Promise<Fleet> {
  const clients = await Promise.all(Array.from({ length: size }, () => server.client()));
  const fleet = new Fleet(0);
  for (const client of clients) fleet.join({ store: redisStore({ command: commandOf(client) }), everyMs: LEASE_MS });
  return fleet;
}

async function syncAll({ members }: Fleet): Promise<void> {
  for (let round = 0; round < 2; round++) await Promise.all(members.map(({ shared }) => shared.sync()));
}

describe.skipIf(NO_REDIS)('through a Redis', () => {
  const server = new RedisServer();
  let client: Client;
  let store: SharedStateStore;

  beforeAll(async () => {
    await server.start();
    client = await server.client();
    store = redisStore({ command: commandOf(client) });
  });
  beforeEach(() => client.sendCommand(['FLUSHALL']));
  afterAll(() => server.stop());

  it('A52 registries see each other: two open it at the third, one opens nothing, and each recovers by itself', async () => {
    const fleet = await fleetOf(server, 3);
    fleet.at(0).fail();
    await syncAll(fleet);
    expect(fleet.states).toEqual(['open', 'closed', 'closed']);
    fleet.at(1).fail();
    await syncAll(fleet);
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    expect(fleet.at(2).openings).toEqual(['peers']);
    const waitMs = fleet.at(2).breaker.retryAfterMs();
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(RECOVERY_MS);
    fleet.clock.jump(waitMs);
    expect(fleet.at(2).call('success')).toBe(true);
    await syncAll(fleet);
    expect(fleet.at(2).breaker.state).toBe('closed');
    expect(fleet.at(2).shared.status()).toMatchObject({ available: true, instances: 2, opened: 1, ignored: 0 });
    fleet.stop();
  });

  it('A52 a new instance resets nothing: it writes its own field and no other', async () => {
    await exchange(store, 'a', 'of a');
    await exchange(store, 'b', 'of b');
    const before = await client.hGetAll(KEY);
    expect(await exchange(store, 'fresh', 'of fresh')).toEqual([
      { instance: 'a', report: 'of a', ageMs: expect.any(Number) },
      { instance: 'b', report: 'of b', ageMs: expect.any(Number) },
    ]);
    const { fresh, ...others } = await client.hGetAll(KEY);
    expect(others).toEqual(before);
    expect(fresh).toMatch(/^\d{13} \d{13} of fresh$/);
  });

  it('A52 one step, without a lock: of many at the same time nobody loses what another writes', async () => {
    const stores = (await Promise.all(Array.from({ length: 4 }, () => server.client()))).map((one) =>
      redisStore({ command: commandOf(one) }),
    );
    const names = Array.from({ length: 40 }, (_, at) => `i${at}`);
    const all = await Promise.all(names.map((name, at) => exchange(stores[at % 4] as SharedStateStore, name, name)));
    // Whoever of two came later has seen the other.
    for (const [one, heard] of all.entries())
      for (const [other, there] of all.entries())
        if (one !== other) expect(sees(heard, names[other]) || sees(there, names[one])).toBe(true);
    expect(await client.hLen(KEY)).toBe(40);
  });

  it('A52 a lease ends by the clock of the server, and the hash goes with the last of them', async () => {
    await exchange(store, 'dead', 'x', 5);
    let heard = await exchange(store, 'alive', 'y');
    while (heard.length > 0) heard = await exchange(store, 'alive', 'y');
    expect(await client.hKeys(KEY)).toEqual(['alive']);
    expect(await client.pTTL(KEY)).toBeGreaterThan(LEASE_MS / 2);
    await exchange(store, 'brief', 'z', 5);
    expect(await client.pTTL(KEY)).toBeGreaterThan(LEASE_MS / 2);
    await exchange(store, 'alive', 'y', 0);
    expect(sees(await exchange(store, 'brief', 'z', 5), 'alive')).toBe(false);
    await client.pExpire(KEY, 1);
    while ((await client.exists(KEY)) > 0);
    await exchange(store, 'brief', 'z', 5);
    while ((await client.exists(KEY)) > 0);
  });

  it('A52 one that stops is forgotten', async () => {
    const fleet = await fleetOf(server, 2);
    await syncAll(fleet);
    expect(fleet.at(0).shared.status().instances).toBe(1);
    fleet.at(1).shared.stop();
    while (fleet.at(0).shared.status().instances > 0) await fleet.at(0).shared.sync();
    fleet.stop();
  });

  it('A52 garbage in the hash is skipped and counted, and stays whose it is', async () => {
    const now = Date.now();
    const open = JSON.stringify({ v: 1, open: [{ circuit: 'ghl', downMs: 1, leftMs: 60_000 }] });
    const garbage = { text: 'hello', empty: '', numbers: '1 2', json: open, endless: `${'9'.repeat(400)} 5 ${open}` };
    await client.hSet(KEY, garbage);
    await client.hSet(KEY, 'huge', `${now + LEASE_MS} ${now - 1_000} ${open}${' '.repeat(1_000_000)}`);
    // Written before the clock of the server was set back.
    await client.hSet(KEY, 'future', `${now + 2 * LEASE_MS} ${now + LEASE_MS} ${open}`);
    for (const good of ['g1', 'g2']) await client.hSet(KEY, good, `${now + LEASE_MS} ${now - 1_000} ${open}`);
    let answered = '';
    const command = commandOf(client);
    const watched: RedisCommand = async (...all) => {
      const answer = await command(...all);
      answered = JSON.stringify(answer);
      return answer;
    };
    const fleet = new Fleet(1, { store: redisStore({ command: watched }) });
    await fleet.at(0).shared.sync();
    expect(answered.length).toBeLessThan(80_000);
    expect(fleet.at(0).breaker.state).toBe('open');
    expect(fleet.at(0).shared.status()).toMatchObject({ available: true, instances: 2, ignored: 6 });
    expect(await client.hKeys(KEY)).not.toContain('future');
    expect(await client.hGetAll(KEY)).toMatchObject(garbage);
    fleet.stop();
  });

  it('A52 a key that is something else: nothing is shared, nothing of it is touched', async () => {
    await client.set(KEY, 'mine');
    const fleet = await fleetOf(server, 1);
    for (let at = 0; at < 3; at++) await fleet.at(0).shared.sync();
    expect(fleet.at(0).told).toEqual(['shared_state_unavailable']);
    fleet.at(0).fail();
    expect(fleet.at(0).breaker.state).toBe('open');
    expect(await client.get(KEY)).toBe('mine');
    fleet.stop();
  });

  it('keys part fleets from each other', async () => {
    const other = redisStore({ command: commandOf(client), key: 'staging' });
    await exchange(other, 'a', 'x');
    expect(await exchange(store, 'b', 'y')).toEqual([]);
    expect(await client.keys('*')).toEqual(expect.arrayContaining(['staging', KEY]));
  });
});

describe.skipIf(NO_REDIS)('A52 a Redis that goes and comes', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = new RedisServer();
    await server.start();
  });
  afterEach(() => server.stop());

  it('A52 it hangs, dies in the middle, and is started again empty: circuits work on, and hear of each other again', async () => {
    const fleet = await fleetOf(server, 3);
    await syncAll(fleet);
    server.hang();
    for (let at = 0; at < 3; at++) {
      const synced = Promise.all(fleet.members.map(({ shared }) => shared.sync()));
      // The first are told to it and never answered.
      await fleet.clock.advance(500);
      await synced;
      if (at === 0) await server.kill();
    }
    for (const { shared, told } of fleet.members) {
      expect(shared.status()).toMatchObject({ available: false, instances: 0 });
      expect(told).toEqual(['shared_state_unavailable']);
    }
    for (const at of [0, 1]) fleet.at(at).fail();
    await expect(fleet.at(0).breaker.call(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'EOPENBREAKER' });
    await expect(fleet.at(2).breaker.call(() => Promise.resolve(1))).resolves.toBe(1);
    await server.start();
    // Asked for through connections that come back by themselves.
    while (fleet.members.some(({ shared }) => shared.status().available !== true)) await syncAll(fleet);
    await syncAll(fleet);
    expect(fleet.at(2).told).toEqual(['shared_state_unavailable', 'shared_state_available']);
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    expect(fleet.at(2).openings).toEqual(['peers']);
    fleet.stop();
  });
});

function sees(heard: readonly StoredReport[], name: string | undefined): boolean {
  return heard.some(({ instance }) => instance === name);
}
