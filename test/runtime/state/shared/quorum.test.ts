import { describe, expect, it } from 'vitest';
import { restoreCircuits, saveCircuits } from '../../../../runtime/state/saved/index.js';
import { memoryStore, type SharedStateStore, shareState } from '../../../../runtime/state/shared/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Fleet, RECOVERY_MS } from './fleet.js';

describe('who is believed', () => {
  it('A52 one bad node cannot open all: it opens nothing elsewhere, however often it opens', async () => {
    const fleet = new Fleet(5);
    for (let outage = 0; outage < 5; outage++) {
      fleet.at(0).fail();
      await fleet.exchanged();
      expect(fleet.states).toEqual(['open', 'closed', 'closed', 'closed', 'closed']);
      fleet.at(0).breaker.reset();
    }
    expect(fleet.at(1).shared.status()).toMatchObject({ instances: 4, opened: 0, ignored: 0 });
  });

  it('A52 two nodes that find it down open it at the others, for as long as both still wait', async () => {
    const fleet = new Fleet(4);
    fleet.at(0).fail();
    await fleet.clock.advance(20_000);
    fleet.at(1).fail();
    await fleet.exchanged();
    expect(fleet.states).toEqual(['open', 'open', 'open', 'open']);
    const { breaker, events, openings } = fleet.at(3);
    expect(openings).toEqual(['peers']);
    // The first opened at 0 s, and waits until 60 s.
    expect(fleet.clock.now() + breaker.retryAfterMs()).toBe(RECOVERY_MS);
    const opened = events.find(({ type }) => type === 'circuit_opened');
    expect(opened).toMatchObject({ circuit: 'ghl', oldState: 'closed', newState: 'open', reason: 'peers', failureCount: 0 });
    await expect(breaker.call(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'EOPENBREAKER', reason: 'open' });
  });

  it('what opens is told within a tenth of the interval, once for many, and by nobody who only heard of it', async () => {
    const clock = new FakeClock();
    const inner = memoryStore({ clock });
    const asked: string[] = [];
    const store: SharedStateStore = {
      exchange: (...all) => {
        asked.push(`${all[0]} at ${clock.now()}`);
        return inner.exchange(...all);
      },
    };
    const fleet = new Fleet(2, { store, everyMs: 10_000 }, clock);
    fleet.join({ quorum: 1, everyMs: 6_900 });
    await clock.advance(6_000);
    asked.length = 0;
    // One after another, the last of them when the first has been told.
    for (const name of ['a', 'b', 'c']) {
      const other = fleet.at(0).registry.obtain(name, name, { failureThreshold: 1 });
      other.exit(other.enter(clock.now()), 'failure', clock.now());
      await clock.advance(499);
    }
    fleet.at(0).fail();
    expect(asked).toEqual(['m2 at 6900', 'm0 at 7000']);
    await clock.advance(1_000);
    expect(asked.slice(2)).toEqual(['m0 at 8497']);
    expect(fleet.at(0).shared.status().reported).toEqual(['a', 'b', 'c', 'ghl']);
    // The one that believes anybody opens, and has nothing to tell.
    asked.length = 0;
    await clock.advance(5_400);
    expect(fleet.at(2).openings).toEqual(['peers']);
    expect(asked.filter((line) => line.startsWith('m2'))).toEqual(['m2 at 13800']);
    await clock.advance(6_000);
    expect(asked.filter((line) => line.startsWith('m2'))).toEqual(['m2 at 13800']);
  });

  it('a quorum of 1 believes anybody, one of 3 no two', async () => {
    const fleet = new Fleet(2);
    fleet.join({ quorum: 1 });
    fleet.join({ quorum: 3 });
    fleet.at(0).fail();
    await fleet.exchanged();
    expect(fleet.states).toEqual(['open', 'closed', 'open', 'closed']);
    fleet.at(1).fail();
    await fleet.exchanged();
    expect(fleet.states).toEqual(['open', 'open', 'open', 'closed']);
  });

  it('A52 no rumour loop: what was opened because of others is no evidence for anybody', async () => {
    const fleet = new Fleet(3, { quorum: 1 });
    const far = fleet.join({ quorum: 2 });
    fleet.at(0).fail();
    await fleet.clock.advance(10_000);
    // Three of four are open, two of them by hearsay.
    expect(fleet.states).toEqual(['open', 'open', 'open', 'closed']);
    expect(fleet.at(1).shared.status().reported).toEqual([]);
    expect(far.shared.status().opened).toBe(0);
    // Once its own probe has failed, it has seen it itself.
    await fleet.clock.advance(RECOVERY_MS);
    fleet.at(1).call('failure');
    fleet.at(0).call('failure');
    await fleet.exchanged();
    expect(fleet.at(1).shared.status().reported).toEqual(['ghl']);
    expect(far.breaker.state).toBe('open');
  });

  it('A52 no rumour loop through saved state either', async () => {
    const fleet = new Fleet(2, { quorum: 1 });
    fleet.at(0).fail();
    await fleet.exchanged();
    const saved = JSON.stringify(saveCircuits(fleet.at(1).registry));
    fleet.at(1).shared.stop();
    const fresh = fleet.join();
    expect(restoreCircuits(saved, fresh.registry).restored).toEqual(['ghl']);
    await fleet.exchanged();
    expect(fresh.breaker.state).toBe('open');
    expect(fresh.shared.status().reported).toEqual([]);
    // Nor where sharing begins when it is open already.
    fresh.shared.stop();
    using again = shareState({ store: fleet.store, registry: fresh.registry, clock: fleet.clock });
    await again.sync();
    expect(fresh.breaker.state).toBe('open');
    expect(again.status().reported).toEqual([]);
  });
});

describe('A52 an incident opens a circuit once', () => {
  it('A52 a circuit that recovered by its own probe is not opened again by an outage that others still wait for', async () => {
    const fleet = new Fleet(3);
    const quick = fleet.join({}, { recoveryTimeoutMs: 5_000 });
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.exchanged();
    expect(quick.breaker.state).toBe('open');
    await fleet.clock.advance(5_000);
    expect(quick.call('success')).toBe(true);
    // They fail their probes, and so go on with the same outage.
    for (let wait = 0; wait < 3; wait++) {
      await fleet.clock.advance(RECOVERY_MS);
      for (const at of [0, 1]) fleet.at(at).call('failure');
    }
    await fleet.exchanged();
    expect(quick.openings).toEqual(['peers']);
    expect(quick.breaker.state).toBe('closed');
    expect(quick.shared.status().opened).toBe(1);
  });

  it('A52 nor where the store has lost everything meanwhile, or somebody reset it by hand', async () => {
    const inner = memoryStore();
    let current = inner;
    const fleet = new Fleet(3, { store: { exchange: (...all) => current.exchange(...all) } });
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.exchanged();
    fleet.at(2).breaker.reset();
    current = memoryStore();
    await fleet.clock.advance(10_000);
    expect(fleet.states).toEqual(['open', 'open', 'closed']);
  });

  it('A52 a new outage opens it again', async () => {
    const fleet = new Fleet(3);
    for (let outage = 1; outage <= 2; outage++) {
      for (const at of [0, 1]) fleet.at(at).fail();
      await fleet.exchanged();
      expect(fleet.at(2).openings).toHaveLength(outage);
      await fleet.clock.advance(RECOVERY_MS);
      for (const member of fleet.members) expect(member.call('success')).toBe(true);
      await fleet.exchanged();
      expect(fleet.states).toEqual(['closed', 'closed', 'closed']);
    }
  });

  it('who has waited long enough is no reason: nobody has asked since', async () => {
    const fleet = new Fleet(2);
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.clock.advance(RECOVERY_MS);
    const late = fleet.join();
    await fleet.exchanged();
    expect(late.breaker.state).toBe('closed');
    expect(fleet.at(0).shared.status().reported).toEqual([]);
  });
});

describe('which circuits', () => {
  const broken = async (prepare: (fleet: Fleet) => void): Promise<Fleet> => {
    const fleet = new Fleet(3);
    prepare(fleet);
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.exchanged();
    return fleet;
  };

  it.each(['forceClosed', 'forceOpen', 'metricsOnly'] as const)('%s: what is held by hand stays so', async (method) => {
    const fleet = await broken(({ members }) => members[2]?.breaker[method]());
    expect(fleet.at(2).openings).toEqual([]);
    expect(fleet.at(2).shared.status().opened).toBe(0);
  });

  it('one that is off stays off, and what is opened by hand is no evidence', async () => {
    const fleet = await broken(({ members }) => members[2]?.breaker.reconfigure({ enabled: false }));
    expect(fleet.states).toEqual(['open', 'open', 'closed']);
    const forced = new Fleet(3);
    for (const at of [0, 1]) forced.at(at).breaker.forceOpen();
    await forced.exchanged();
    expect(forced.states).toEqual(['open', 'open', 'closed']);
  });

  it('only the given services, to tell and to hear', async () => {
    const fleet = new Fleet(2, { quorum: 1, services: ['crm'] });
    const others = fleet.members.map(({ registry }) => registry.obtain('crm@eu', 'crm', { failureThreshold: 1 }));
    fleet.at(0).fail();
    const now = fleet.clock.now();
    others[0]?.exit(others[0].enter(now), 'failure', now);
    await fleet.exchanged();
    expect(fleet.states).toEqual(['open', 'closed']);
    expect(others.map(({ state }) => state)).toEqual(['open', 'open']);
    expect(fleet.at(0).shared.status().reported).toEqual(['crm@eu']);
  });

  it('a circuit waits no longer than it would by itself', async () => {
    const fleet = new Fleet(2);
    const short = fleet.join({}, { recoveryTimeoutMs: 7_000 });
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.clock.advance(100);
    await short.shared.sync();
    expect(short.breaker.retryAfterMs()).toBe(7_000);
    expect(short.events.find(({ type }) => type === 'circuit_opened')).toMatchObject({ recoveryTimeoutMs: 7_000 });
  });

  it('what was open before sharing began is told', async () => {
    const fleet = new Fleet(1, { quorum: 1 });
    const early = fleet.join();
    early.shared.stop();
    early.fail();
    using shared = shareState({ store: fleet.store, registry: early.registry, clock: fleet.clock });
    await shared.sync();
    await fleet.exchanged();
    expect(fleet.at(0).breaker.state).toBe('open');
  });
});
