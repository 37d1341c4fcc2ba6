import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Observed } from './observed.js';

type Step = readonly [kind: 'calls' | 'outage' | 'reset' | 'idle', amount: number];

const steps = fc.array(fc.tuple(fc.constantFrom('calls', 'outage', 'reset', 'idle'), fc.integer({ min: 1, max: 5 })), {
  minLength: 1,
  maxLength: 25,
}) as fc.Arbitrary<readonly Step[]>;

const bounds = { failureThreshold: { min: 2, max: 9 }, recoveryTimeoutMs: { min: 333, max: 2_777 } };
const rates = { failureRateThreshold: { min: 0.1111, max: 0.7777 } };

function act(crm: Observed, [kind, amount]: Step): void {
  if (kind === 'outage') crm.outage(amount - 1);
  else if (kind === 'reset') crm.breaker.reset();
  else if (kind === 'calls') crm.calls(amount * 60, amount + 2);
}

it.each([
  ['failures in a row', bounds, {}],
  ['a window', { ...bounds, ...rates }, { slidingWindow: { size: 30, failureRateThreshold: 0.6, failureThresholdCounts: 'consecutive' } }],
] as const)(
  'whatever is observed of %s: inside the bounds, a quarter at most from one look to the next, and back in the end',
  async (_, limits, circuit) => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const crm = new Observed({ mode: 'apply', minimumCalls: 20, ...limits }, circuit);
        const configured = crm.breaker.options;
        for (const step of history) {
          // The window may open the circuit in the middle of a row of calls: that is its business, not this test's.
          if (crm.breaker.state === 'closed') {
            try {
              act(crm, step);
            } catch {
              crm.breaker.reset();
            }
          } else crm.breaker.reset();
          const before = crm.breaker.options;
          await crm.look();
          const after = crm.breaker.options;
          for (const [was, is, least] of [
            [before.failureThreshold, after.failureThreshold, 1],
            [before.recoveryTimeoutMs, after.recoveryTimeoutMs, 0.5],
            [before.slidingWindow?.failureRateThreshold ?? 0, after.slidingWindow?.failureRateThreshold ?? 0, 0.0005],
          ] as const)
            expect(Math.abs(is - was)).toBeLessThanOrEqual(Math.max(least, was * 0.25 + least));
          expect(after.failureThreshold).toBeGreaterThanOrEqual(2);
          expect(after.failureThreshold).toBeLessThanOrEqual(9);
          expect(after.recoveryTimeoutMs).toBeGreaterThanOrEqual(333);
          expect(after.recoveryTimeoutMs).toBeLessThanOrEqual(2_777);
          const rate = after.slidingWindow?.failureRateThreshold ?? 0.5;
          expect(rate >= 0.1111 && rate <= 0.7777).toBe(true);
        }
        crm.controller.stop();
        expect(crm.breaker.options).toEqual(configured);
      }),
      { numRuns: 60 },
    );
  },
);
