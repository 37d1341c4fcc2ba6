import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BreakerRegistry, type CircuitBreaker, ConfigurationError } from '../../../../runtime/index.js';
import { restoreCircuit, restoreCircuits } from '../../../../runtime/state/saved/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { HOSTILE, revoked } from '../../../support/thrown.js';

const OPEN = { version: 1, name: 'ghl', savedAt: 0, state: 'open', ageMs: 1, failures: 3, waitMs: 9, leftMs: 5, reason: 'failure_rate' };
const OPTIONS = { recoveryTimeoutMs: 60_000, successThreshold: 2 };

function circuit(clock = new FakeClock()): CircuitBreaker {
  return new BreakerRegistry({ clock }).obtain('ghl', 'ghl', OPTIONS);
}

describe('A17 what is no saved state', () => {
  it.each([
    ['nothing', undefined, 'saved is undefined, expected the result of saveCircuits, or its JSON'],
    ['null', null, 'saved is null'],
    ['a number', 7, 'saved is 7'],
    ['a list', [], 'the result of saveCircuits'],
    ['no JSON', '{"version":1,"circ', 'a text of 18 characters'],
    ['an empty text', '', 'a text of 0 characters'],
    ['no version', { circuits: [] }, 'saved.version is undefined, expected 1'],
    ['another version', { version: 2, circuits: [] }, 'saved.version is 2, expected 1, the version that this release writes'],
    ['no list', { version: 1, circuits: { ghl: OPEN } }, 'saved.circuits is'],
  ])('A17 %s is refused, and nothing is thrown', (_, saved, reason) => {
    const report = restoreCircuits(saved, new BreakerRegistry());
    expect(report).toMatchObject({ restored: [], waiting: [], kept: [], refused: [{ name: undefined }] });
    expect(report.refused[0]?.reason).toContain(reason);
  });

  it.each([
    ['name', 5, 'the name of a circuit'],
    ['name', '', 'the name of a circuit'],
    ['version', 3, 'expected 1'],
    ['state', 'ajar', 'one of closed, open, half_open, forced_open, forced_closed, metrics_only'],
    ['state', 'toString', 'one of closed'],
    ['savedAt', Number.NaN, 'milliseconds since the epoch'],
    ['savedAt', -1, 'milliseconds since the epoch'],
    ['savedAt', '2026-01-01', 'milliseconds since the epoch'],
    ['savedAt', undefined, 'milliseconds since the epoch'],
    ['ageMs', undefined, 'milliseconds from 0 to ten years'],
    ['ageMs', -5, 'milliseconds from 0 to ten years'],
    ['ageMs', 1e300, 'milliseconds from 0 to ten years'],
    ['waitMs', Number.NaN, 'milliseconds from 0 to ten years'],
    ['waitMs', undefined, 'milliseconds from 0 to ten years'],
    ['leftMs', Number.POSITIVE_INFINITY, 'milliseconds from 0 to ten years'],
    ['leftMs', null, 'milliseconds from 0 to ten years'],
    ['downMs', -1, 'milliseconds from 0 to ten years'],
    ['failures', 1.5, 'a whole number, 0 or more'],
    ['failures', -1, 'a whole number, 0 or more'],
    ['failures', undefined, 'a whole number, 0 or more'],
    ['openings', 1e300, 'a whole number, 0 or more'],
    ['flaps', '1', 'a whole number, 0 or more'],
    ['reason', 'bad luck', 'one of consecutive_failures'],
    ['reason', undefined, 'one of consecutive_failures'],
  ])('A17 %s %s: that circuit is refused, the others go on', (key, value, expected) => {
    const registry = new BreakerRegistry();
    const other = { ...OPEN, name: 'retell' };
    const { waiting, refused } = restoreCircuits({ version: 1, circuits: [{ ...OPEN, [key]: value }, other] }, registry);
    expect(waiting).toEqual(['retell']);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.name).toBe(key === 'name' ? (value === '' ? '' : undefined) : 'ghl');
    expect(refused[0]?.reason).toContain(`saved.circuits[0].${key} is`);
    expect(refused[0]?.reason).toContain(expected);
  });

  it('A17 an entry that throws when it is read is refused, the others go on', () => {
    const throws = (make: () => unknown) => ({
      ...OPEN,
      get name(): string {
        throw make();
      },
    });
    const broken = [revoked(), ...HOSTILE.map(([, make]) => throws(make))];
    const { waiting, refused } = restoreCircuits({ version: 1, circuits: [...broken, OPEN] }, new BreakerRegistry());
    expect(waiting).toEqual(['ghl']);
    expect(refused.map(({ name }) => name)).toEqual(broken.map(() => undefined));
  });

  it('A17 one circuit twice: the first one holds', () => {
    const { waiting, refused } = restoreCircuits({ version: 1, circuits: [OPEN, OPEN] }, new BreakerRegistry());
    expect(waiting).toEqual(['ghl']);
    expect(refused).toMatchObject([{ name: 'ghl' }]);
  });

  it('A17 a single circuit says by an error what is wrong, and stays as it was', () => {
    const breaker = circuit();
    breaker.forceOpen();
    expect(() => restoreCircuit(breaker, { ...OPEN, leftMs: -1 })).toThrow(ConfigurationError);
    expect(() => restoreCircuit(breaker, '{')).toThrow('a text of 1 characters');
    expect(breaker.snapshot().forced).toBe('open');
    expect(() => restoreCircuit({} as never, OPEN)).toThrow('expected a CircuitBreaker');
    expect(() => restoreCircuits(OPEN, {} as never)).toThrow('expected a BreakerRegistry');
  });
});

describe('A17 whatever is restored', () => {
  const odd = fc.oneof(fc.double(), fc.constantFrom(-1, 3e11, 1e12, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY, Number.NaN));
  const number = fc.oneof({ weight: 19, arbitrary: fc.integer({ min: 0, max: 200_000 }) }, { weight: 1, arbitrary: odd });
  const entry = fc.record({
    version: fc.constant(1),
    name: fc.constant('ghl'),
    savedAt: fc.oneof(number, fc.constantFrom(Date.UTC(2026, 0, 1), Date.UTC(2090, 0, 1))),
    state: fc.constantFrom('closed', 'open', 'half_open', 'forced_open', 'forced_closed', 'metrics_only'),
    ageMs: number,
    downMs: fc.option(number, { nil: undefined }),
    failures: number,
    successes: number,
    waitMs: number,
    leftMs: number,
    reason: fc.constantFrom('consecutive_failures', 'probe_failed'),
    openings: fc.option(number, { nil: undefined }),
    flaps: fc.option(number, { nil: undefined }),
    rampLeftMs: fc.option(number, { nil: undefined }),
  });

  it('A17 it is never wedged: it waits for no longer than its options say, and then works', () => {
    let restored = 0;
    fc.assert(
      fc.property(entry, fc.boolean(), (saved, backoff) => {
        const clock = new FakeClock();
        const breaker = circuit(clock);
        if (backoff) breaker.reconfigure({ reopenBackoff: { maxMs: 300_000 }, ramp: {} });
        try {
          restoreCircuit(breaker, saved);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigurationError);
          expect(breaker.snapshot()).toMatchObject({ state: 'closed', forced: null, failureCount: 0 });
          return;
        }
        restored++;
        if (saved.state === 'forced_open') breaker.reset();
        const waitMs = breaker.retryAfterMs();
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(backoff ? 300_000 : 60_000);
        expect(Number.isFinite(breaker.snapshot().inStateMs)).toBe(true);
        clock.jump(waitMs);
        // Past any ramp, whose share lets only some calls in.
        if (breaker.state === 'closed') clock.jump(10_000);
        for (let probe = 0; probe < 2; probe++) {
          const permit = breaker.enter(clock.now());
          expect(permit).not.toBe(0);
          breaker.exit(permit, 'success', clock.now());
        }
        expect(breaker.state).toBe('closed');
      }),
      { numRuns: 2_000 },
    );
    expect(restored).toBeGreaterThan(500);
  });
});
