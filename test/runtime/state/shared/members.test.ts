import { describe, expect, it } from 'vitest';
import type { TimerHandle } from '../../../../runtime/clock.js';
import { defaultRegistry } from '../../../../runtime/index.js';
import { memoryStore, type SharedStateStore, shareState } from '../../../../runtime/state/shared/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Fleet } from './fleet.js';

describe('A52 who comes and goes', () => {
  it('A52 a new instance resets nothing, and learns what the others know', async () => {
    const fleet = new Fleet(2);
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.exchanged();
    const fresh = fleet.join();
    await fleet.exchanged();
    expect(fresh.openings).toEqual(['peers']);
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    expect(new Set(fleet.members.map(({ breaker }) => breaker.retryAfterMs())).size).toBe(1);
    // The same again, with a circuit that is made by the first call.
    const registry = fleet.join().registry;
    registry.clear();
    const made = registry.obtain('ghl', 'ghl', {});
    await fleet.exchanged();
    expect(made.state).toBe('open');
  });

  it('A52 an instance that dies fades away with its lease', async () => {
    const inner = memoryStore();
    const dead = new Set<string>();
    const clock = new FakeClock();
    const living = memoryStore({ clock });
    const store: SharedStateStore = { exchange: (...all) => (dead.has(all[0]) ? inner : living).exchange(...all) };
    const fleet = new Fleet(3, { store }, clock);
    await fleet.exchanged();
    expect(fleet.at(2).shared.status().instances).toBe(2);
    fleet.at(2).breaker.forceClosed();
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.clock.advance(100);
    dead.add('m0');
    await fleet.clock.advance(4_400);
    expect(fleet.at(2).shared.status().instances).toBe(2);
    await fleet.clock.advance(1_100);
    expect(fleet.at(2).shared.status().instances).toBe(1);
    fleet.at(2).breaker.reset();
    await fleet.exchanged();
    expect(fleet.states).toEqual(['open', 'open', 'closed']);
  });

  it('A52 one that stops takes its word back: who goes and comes again is one witness, not two', async () => {
    const fleet = new Fleet(2);
    for (let start = 0; start < 3; start++) {
      const restarted = fleet.join();
      restarted.fail();
      await restarted.shared.sync();
      restarted.shared.stop();
    }
    await fleet.clock.advance(1_000);
    expect(fleet.at(0).shared.status()).toMatchObject({ instances: 1, opened: 0 });
    // Where it has no chance to, a name that stays the same does it.
    for (let start = 0; start < 3; start++) {
      const crashed = fleet.join({
        instance: 'worker-1',
        store: { exchange: (...all) => (all[2] === 0 ? Promise.reject() : fleet.store.exchange(...all)) },
      });
      crashed.fail();
      await crashed.shared.sync();
      crashed.shared.stop();
    }
    await fleet.clock.advance(1_000);
    expect(fleet.at(0).shared.status()).toMatchObject({ instances: 2, opened: 0 });
    expect(fleet.at(0).breaker.state).toBe('closed');
  });

  it('a listener may end it: what others still have to say is heard no more', async () => {
    const fleet = new Fleet(2);
    const ending = fleet.join();
    for (const { registry } of fleet.members) registry.obtain('crm', 'crm', { failureThreshold: 1 });
    ending.registry.on('circuit_opened', () => ending.shared.stop());
    for (const at of [0, 1]) {
      const now = fleet.clock.now();
      const crm = fleet.at(at).registry.get('crm');
      crm?.exit(crm.enter(now), 'failure', now);
      fleet.at(at).fail();
    }
    await fleet.exchanged();
    expect(ending.openings).toEqual(['peers']);
    expect(Object.values(ending.registry.states()).sort()).toEqual(['closed', 'open']);
  });

  it('keeps no process alive: each timer is one that the process does not wait for', async () => {
    const held = new Set<TimerHandle>();
    class HoldingClock extends FakeClock {
      override setTimeout(callback: () => void, delayMs: number): TimerHandle {
        const handle = super.setTimeout(callback, delayMs);
        held.add(handle);
        return Object.assign(handle, { unref: () => held.delete(handle) });
      }
    }
    const fleet = new Fleet(1, { store: { exchange: () => new Promise(() => undefined) } }, new HoldingClock());
    await fleet.clock.advance(10_000);
    expect(fleet.clock.pendingTimers).toBe(1);
    expect(held.size).toBe(0);
  });

  it('after the end nothing is left: no timer, no listener, and another may share', async () => {
    const fleet = new Fleet(2);
    await fleet.exchanged();
    const { registry } = fleet.at(0);
    expect(() => shareState({ store: fleet.store, registry })).toThrow('expected a registry that is not shared yet');
    fleet.stop();
    fleet.stop();
    expect(fleet.clock.pendingTimers).toBe(0);
    fleet.at(0).fail();
    expect(fleet.clock.pendingTimers).toBe(0);
    await fleet.at(0).shared.sync();
    using again = shareState({ store: fleet.store, registry, clock: fleet.clock });
    await again.sync();
    expect(again.status()).toMatchObject({ available: true, instances: 0 });
  });
});

it('shares the registry of the process by default', async () => {
  const clock = new FakeClock();
  using shared = shareState({ store: memoryStore({ clock }), clock });
  expect(() => shareState({ store: memoryStore(), registry: defaultRegistry })).toThrow('stop the first');
  await shared.sync();
  expect(JSON.parse(JSON.stringify(shared))).toMatchObject({
    available: true,
    instances: 0,
    instance: expect.stringMatching(/^[\da-f-]{36}$/),
  });
});
