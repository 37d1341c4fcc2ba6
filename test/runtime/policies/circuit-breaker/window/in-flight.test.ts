import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InFlight } from '../../../../../runtime/policies/circuit-breaker/window/in-flight.js';

describe('calls in flight past the slow threshold', () => {
  test('none is counted early, and each at most a sixteenth late', () => {
    const inFlight = new InFlight(1_600);
    inFlight.clear(50);
    inFlight.enter(7, 60);
    inFlight.advance(60 + 1_599);
    expect(inFlight.slow).toBe(0);
    inFlight.advance(60 + 1_700);
    expect(inFlight.slow).toBe(1);
  });

  test('parts are counted from the beginning of the period: a call that begins with one is noticed when the seventeenth ends', () => {
    const inFlight = new InFlight(1_600);
    inFlight.clear(30);
    inFlight.enter(7, 30);
    inFlight.advance(1_729);
    expect(inFlight.slow).toBe(0);
    inFlight.advance(1_730);
    expect(inFlight.slow).toBe(1);
  });

  test('a caller whose clock is behind changes nothing for the others', () => {
    const inFlight = new InFlight(1_600);
    const first = inFlight.enter(7, 5_000);
    const behind = inFlight.enter(7, 1_000);
    inFlight.advance(6_000);
    expect(inFlight.slow).toBe(0);
    inFlight.advance(6_800);
    expect(inFlight.slow).toBe(2);
    inFlight.exit(behind);
    inFlight.exit(first);
    expect(inFlight.slow).toBe(0);
  });

  test('the permit is its period with a fraction', () => {
    const inFlight = new InFlight(1_600);
    const permits = [0, 100, 5_000, 1e9].map((now) => inFlight.enter(4_000_000_000, now));
    expect(permits.map(Math.floor)).toEqual([4e9, 4e9, 4e9, 4e9]);
    expect(new Set(permits).size).toBe(4);
  });

  test('whatever begins, ends and hangs: as many as have run for the threshold, give or take one part', () => {
    const plan = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('enter' as const), ms: fc.constantFrom(0, 1, 7, 100) }),
        fc.record({ do: fc.constant('exit' as const), which: fc.nat({ max: 30 }) }),
        fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 10, 99, 160, 161, 1_600, 50_000) }),
      ),
      { maxLength: 80, size: 'max' },
    );
    fc.assert(
      fc.property(plan, (steps) => {
        const inFlight = new InFlight(160);
        let now = 0;
        const out: { readonly permit: number; readonly at: number }[] = [];
        for (const one of steps) {
          if (one.do === 'exit') {
            const [held] = out.splice(out.length === 0 ? 0 : one.which % out.length, 1);
            if (held !== undefined) inFlight.exit(held.permit);
          } else {
            now += one.ms;
            if (one.do === 'enter') out.push({ permit: inFlight.enter(3, now), at: now });
          }
          inFlight.advance(now);
          expect(inFlight.slow).toBeLessThanOrEqual(out.filter(({ at }) => now - at >= 160).length);
          expect(inFlight.slow).toBeGreaterThanOrEqual(out.filter(({ at }) => now - at >= 170).length);
        }
        for (const { permit } of out.splice(0)) inFlight.exit(permit);
        inFlight.advance(now + 1_000);
        expect(inFlight.slow).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('a permit given back twice hides no call that hangs for long', () => {
    const inFlight = new InFlight(160);
    const twice = inFlight.enter(1, 0);
    inFlight.exit(twice);
    inFlight.exit(twice);
    inFlight.advance(1_000);
    expect(inFlight.slow).toBe(0);
  });
});
