import { describe, expect, it } from 'vitest';
import { Journal } from '../../../../runtime/operate/dashboard/journal.js';
import { rowOf } from '../../../../runtime/operate/dashboard/row.js';
import { Selection } from '../../../../runtime/operate/dashboard/selection.js';
import { Traffic } from '../../../../runtime/operate/dashboard/traffic.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

function setup() {
  const clock = new FakeClock();
  const registry = new BreakerRegistry({ clock });
  const source = { journal: new Journal(registry), traffic: new Traffic(new Selection(registry, clock, 100), clock), clock };
  const circuit = (name: string, input = {}) => registry.obtain(name, name, { failureThreshold: 2, recoveryTimeoutMs: 30_000, ...input });
  return { clock, registry, source, circuit };
}

describe('a row', () => {
  it('says which circuit blocks another', () => {
    const { registry, source, circuit } = setup();
    const follower = circuit('scoring');
    const leader = circuit('lyrio');
    registry.follow('scoring', ['lyrio']);
    expect(rowOf(follower, source).blockedBy).toBeNull();
    leader.forceOpen();
    expect(rowOf(follower, source)).toMatchObject({ state: 'closed', blockedBy: 'lyrio' });
  });

  it('tells a circuit that is off from one that someone forced closed', () => {
    const { source, circuit } = setup();
    const forced = circuit('forced');
    forced.forceClosed();
    expect(rowOf(circuit('off', { enabled: false }), source).forced).toBe('off');
    expect(rowOf(forced, source).forced).toBe('closed');
  });

  it('keeps the time of the same moment, although two clocks drift by a little', () => {
    const { clock, source, circuit } = setup();
    const ghl = circuit('ghl');
    ghl.forceOpen();
    const first = rowOf(ghl, source);
    clock.stepWall(7);
    expect(rowOf(ghl, source, first).since).toBe(first.since);
    clock.stepWall(3_600_000);
    expect(rowOf(ghl, source, first).since).toBe(first.since + 3_600_007);
  });

  it('knows since when a circuit is there, whatever it did since', async () => {
    const { clock, source, circuit } = setup();
    await clock.advance(3_000);
    const ghl = circuit('ghl');
    const begun = clock.wallNow();
    expect(rowOf(ghl, source).begun).toBe(begun);
    await clock.advance(60_000);
    ghl.forceOpen();
    await clock.advance(60_000);
    ghl.reset();
    await clock.advance(1_000);
    expect(rowOf(ghl, source)).toMatchObject({ begun, since: begun + 120_000 });
  });

  it('knows a circuit that opened before anybody listened', () => {
    const { clock, registry, circuit } = setup();
    const ghl = circuit('ghl');
    ghl.forceOpen();
    const openedAt = clock.wallNow();
    clock.jump(90_000);
    const later = { journal: new Journal(registry), traffic: new Traffic(new Selection(registry, clock, 100), clock), clock };
    expect(rowOf(ghl, later)).toMatchObject({
      downSince: openedAt,
      since: openedAt,
      periods: [],
      outage: { cache: 0, fallback: 0, error: 0 },
    });
  });

  it('calls a circuit failing that is closed for a minute, and no share of failures that an outage has left behind', async () => {
    const { clock, source, circuit } = setup();
    const ghl = circuit('ghl', { failureThreshold: 100 });
    const fail = (): void => {
      for (let n = 0; n < 5; n++) ghl.exit(ghl.enter(clock.now()), 'failure', clock.now());
    };
    fail();
    await clock.advance(30_000);
    expect(rowOf(ghl, source)).toMatchObject({ failedShare: 1, failing: false });
    await clock.advance(31_000);
    fail();
    expect(rowOf(ghl, source)).toMatchObject({ failedShare: 1, failing: true });
  });
});
