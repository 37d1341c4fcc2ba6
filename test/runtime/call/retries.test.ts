import { BreakerRegistry, type ClientOptions, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { sharedState } from '../../../runtime/call/shared/shared-state.js';
import { BUDGET_TOKENS, RETRY_COST, THROTTLED_RETRY_COST } from '../../../runtime/policies/retry/retry-budget.js';
import { AT_ONCE, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, type Reaction } from '../../support/in-memory.js';

let clock: FakeClock;
let registry: BreakerRegistry;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
});

const client = (reactions: readonly Reaction[], options: ClientOptions = {}): ServiceClient =>
  testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    clock,
    registry,
    dispatcher: new InMemory(...reactions),
    timeoutMs: null,
    totalTimeoutMs: null,
    breaker: { enabled: false },
    retry: { jitter: false, baseDelayMs: 1_000, exponentialBase: 2 },
    ...options,
  });

/** Tokens that are missing from the budget of the service. */
const spent = (): number => BUDGET_TOKENS - (sharedState(registry).budgets.get('acme http://acme.test')?.tokens ?? Number.NaN);

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await clock.advance(0);
}

describe('A39 what a call pays for its retries', () => {
  test.each([
    ['a failure', 500, RETRY_COST],
    ['throttling', 429, THROTTLED_RETRY_COST],
  ])('after %s: for each that was sent, and nothing for the last, which helped', async (_, status, cost) => {
    const call = client([answers(status), answers(status), answers(200)]).call(getThing, { id: 1 });
    expect(spent()).toBe(cost);
    await clock.advance(1_000);
    expect(spent()).toBe(2 * cost);
    await clock.advance(2_000);
    expect(await call).toEqual({});
    expect(spent()).toBe(cost);
  });

  test('one that helps no more is not given back when the call ends', async () => {
    const call = errorOf(client([answers(500)], { retry: { ...AT_ONCE, maxAttempts: 2 } }).call(getThing, { id: 1 }));
    await settle();
    expect(await call).toMatchObject({ kind: 'retry_exhausted', attempts: 2 });
    expect(spent()).toBe(RETRY_COST);
  });

  test.each([
    ['a failure', 500, RETRY_COST],
    ['throttling', 429, THROTTLED_RETRY_COST],
  ])('after %s: one that was not sent is given back, once, and its timer goes', async (_, status, cost) => {
    const other = errorOf(client([answers(500)], { retry: { ...AT_ONCE, maxAttempts: 3 } }).call(getThing, { id: 1 }));
    await settle();
    await other;
    const before = spent();
    const aborter = new AbortController();
    const call = errorOf(client([answers(status)]).call(getThing, { id: 1 }, { signal: aborter.signal }));
    expect([spent() - before, clock.pendingTimers]).toEqual([cost, 1]);
    aborter.abort(new Error('enough'));
    expect(await call).toMatchObject({ message: 'enough' });
    expect([spent(), clock.pendingTimers]).toEqual([before, 0]);
  });

  test('a call that is given up in its wait and aborted in its fallback gives back but once', async () => {
    const other = errorOf(client([answers(500)], { retry: { ...AT_ONCE, maxAttempts: 3 } }).call(getThing, { id: 1 }));
    await settle();
    await other;
    const before = spent();
    const aborter = new AbortController();
    const acme = client([answers(500)]);
    const never = (): Promise<never> => new Promise(() => undefined);
    const call = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal, fallback: never }));
    expect(spent()).toBe(before + RETRY_COST);
    acme.breaker('things.get').forceOpen();
    expect([spent(), clock.pendingTimers], 'the call learns it immediately').toEqual([before, 0]);
    await clock.advance(1_000);
    expect(spent()).toBe(before);
    aborter.abort(new Error('enough'));
    expect(await call).toMatchObject({ message: 'enough' });
    expect(spent()).toBe(before);
  });

  test('a call that may not be repeated pays nothing, and gives nothing back', async () => {
    const other = errorOf(client([answers(500)], { retry: { ...AT_ONCE, maxAttempts: 3 } }).call(getThing, { id: 1 }));
    await settle();
    await other;
    const before = spent();
    await errorOf(client([answers(404)]).call(getThing, { id: 1 }));
    await errorOf(client([answers(500)], { retry: false }).call(getThing, { id: 1 }));
    expect([before, spent()]).toEqual([2 * RETRY_COST, 2 * RETRY_COST]);
  });
});
