import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventHub } from '../../../runtime/observe/event-hub.js';
import type { FuselineEvent } from '../../../runtime/observe/events.js';
import { BREAKER_DEFAULTS } from '../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../runtime/policies/circuit-breaker/registry.js';
import { audience } from '../../support/audience.js';
import { Circuit, RECOVERY_MS } from '../policies/circuit-breaker/circuit.js';

const EVENT = { type: 'call_rejected', circuit: 'c', service: 's', operation: undefined, at: 0, retryAfterMs: 1, reason: 'open' } as const;
const event = (retryAfterMs: number): FuselineEvent => ({ ...EVENT, retryAfterMs });
const numberOf = (one: FuselineEvent): number => (one.type === 'call_rejected' ? one.retryAfterMs : -1);

describe('transitions as events', () => {
  test('the whole life of an outage: order and payload', () => {
    const circuit = new Circuit({ service: 'money' });
    const start = circuit.clock.wallNow();
    circuit.trip();
    circuit.clock.jump(RECOVERY_MS + 20);
    circuit.fail();
    circuit.clock.jump(RECOVERY_MS);
    circuit.succeed(2);
    circuit.fail();
    circuit.breaker.forceOpen();
    circuit.breaker.forceClosed();
    circuit.breaker.metricsOnly();
    circuit.breaker.reset();
    const base = { circuit: 'billing', service: 'money', recoveryTimeoutMs: RECOVERY_MS };
    const [first, second] = [start + RECOVERY_MS + 20, start + 2 * RECOVERY_MS + 20];
    expect(circuit.events).toEqual([
      { ...base, type: 'circuit_opened', at: start, oldState: 'closed', newState: 'open', failureCount: 3, reason: 'consecutive_failures' },
      { ...base, type: 'circuit_half_open', at: first, oldState: 'open', newState: 'half_open', failureCount: 3 },
      { ...base, type: 'circuit_opened', at: first, oldState: 'half_open', newState: 'open', failureCount: 1, reason: 'probe_failed' },
      { ...base, type: 'circuit_half_open', at: second, oldState: 'open', newState: 'half_open', failureCount: 1 },
      {
        ...base,
        type: 'circuit_closed',
        at: second,
        oldState: 'half_open',
        newState: 'closed',
        failureCount: 0,
        downMs: 2 * RECOVERY_MS + 20,
      },
      { ...base, type: 'circuit_forced_open', at: second, oldState: 'closed', newState: 'forced_open', failureCount: 1 },
      {
        ...base,
        type: 'circuit_forced_closed',
        at: second,
        oldState: 'forced_open',
        newState: 'forced_closed',
        failureCount: 0,
        downMs: 0,
      },
      { ...base, type: 'circuit_metrics_only', at: second, oldState: 'forced_closed', newState: 'metrics_only', failureCount: 0 },
      { ...base, type: 'circuit_closed', at: second, oldState: 'metrics_only', newState: 'closed', failureCount: 0 },
    ]);
  });

  test('the state stands before its event goes out', () => {
    const circuit = new Circuit();
    const states: string[] = [];
    circuit.breaker.subscribe((one) => states.push(`${one.type} ${circuit.breaker.state}`));
    circuit.tripAndWait();
    circuit.succeed(2);
    expect(states).toEqual(['circuit_opened open', 'circuit_half_open half_open', 'circuit_closed closed']);
  });

  test('the client on whose behalf it happens hears of it, too, once', () => {
    const registry = new BreakerRegistry();
    const breaker = registry.obtain('a', 'a', { ...BREAKER_DEFAULTS, failureThreshold: 1 });
    const own: string[] = [];
    const others: string[] = [];
    registry.subscribe((one) => others.push(one.type));
    breaker.exit(
      breaker.enter(0),
      'failure',
      0,
      0,
      false,
      audience((one) => own.push(one.type)),
    );
    breaker.enter(60_000);
    expect(own).toEqual(['circuit_opened']);
    expect(others).toEqual(['circuit_opened', 'circuit_half_open']);
  });
});

describe('A40 a listener that throws', () => {
  const faults: unknown[] = [];
  const remember = (fault: unknown): void => void faults.push(fault);

  beforeEach(() => {
    faults.length = 0;
    process.on('unhandledRejection', remember);
    process.on('uncaughtException', remember);
  });

  afterEach(() => {
    process.off('unhandledRejection', remember);
    process.off('uncaughtException', remember);
  });

  const LISTENERS: readonly [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('listener'))],
    [
      'returns a foreign promise that rejects',
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library, on purpose.
      () => ({ then: (_: unknown, reject: (fault: Error) => void) => reject(new Error('listener')) }),
    ],
    [
      'returns what throws when asked for then',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: hostile on purpose.
        get then(): never {
          throw new Error('listener');
        },
      }),
    ],
  ];

  test.each(LISTENERS)('%s: every result, every state and every other listener is as without it', async (_, listener) => {
    const circuit = new Circuit({ failureThreshold: 1, successThreshold: 1 });
    const after: string[] = [];
    circuit.breaker.subscribe(listener as () => void);
    circuit.breaker.subscribe((one) => after.push(one.type));
    const fault = new Error('original');
    await expect(circuit.breaker.call(() => Promise.reject(fault))).rejects.toBe(fault);
    await expect(circuit.breaker.call(() => 1)).rejects.toMatchObject({ kind: 'circuit_open' });
    circuit.clock.jump(RECOVERY_MS);
    await expect(circuit.breaker.call(() => 'answer')).resolves.toBe('answer');
    circuit.breaker.forceOpen();
    circuit.breaker.forceClosed();
    circuit.breaker.metricsOnly();
    circuit.breaker.reset();
    expect(circuit.breaker.snapshot().stats).toMatchObject({ successfulRequests: 1, failedRequests: 1, rejectedRequests: 1 });
    expect(after).toEqual([
      'call_failed',
      'circuit_opened',
      'call_rejected',
      'circuit_half_open',
      'circuit_closed',
      'circuit_forced_open',
      'circuit_forced_closed',
      'circuit_metrics_only',
      'circuit_closed',
    ]);
    await circuit.clock.advance(0);
    expect(faults).toEqual([]);
  });
});

describe('A41 a listener that re-enters', () => {
  test('reset from within the opening: no lost update, and everyone hears both in order', () => {
    const circuit = new Circuit();
    const order: string[] = [];
    circuit.breaker.subscribe((one) => {
      order.push(`first ${one.type}`);
      if (one.type === 'circuit_opened') circuit.breaker.reset();
    });
    circuit.breaker.subscribe((one) => order.push(`second ${one.type}`));
    circuit.trip();
    expect(circuit.breaker.state).toBe('closed');
    expect(circuit.breaker.failureCount).toBe(0);
    expect(order).toEqual(['first circuit_opened', 'second circuit_opened', 'first circuit_closed', 'second circuit_closed']);
  });

  test('forceOpen from within half-open: the call that was let in comes through, the next does not, its result changes nothing', async () => {
    const circuit = new Circuit({ successThreshold: 1 }).tripAndWait();
    using _ = circuit.breaker.subscribe((one) => {
      if (one.type === 'circuit_half_open') circuit.breaker.forceOpen();
    });
    await expect(circuit.breaker.call(() => 'probe')).resolves.toBe('probe');
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'open', forced: 'open' });
    await expect(circuit.breaker.call(() => 'next')).rejects.toMatchObject({ kind: 'circuit_open' });
  });

  test('a call from within half-open takes one of the places, not one more', async () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 2, successThreshold: 2 }).tripAndWait();
    let started = 0;
    const inner: Promise<unknown>[] = [];
    const call = (): Promise<unknown> => circuit.breaker.call(async () => ++started).catch((error: unknown) => error);
    circuit.breaker.subscribe((one) => {
      if (one.type === 'circuit_half_open') inner.push(call(), call(), call());
    });
    await call();
    await Promise.all(inner);
    expect(started).toBe(2);
    expect(circuit.breaker.state).toBe('closed');
  });

  test('reset from within a probe that opens again by its lease: the call at hand goes on in the new period', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1, failureThreshold: 1 }).tripAndWait();
    circuit.permit(100);
    circuit.clock.jump(200);
    circuit.breaker.subscribe((one) => {
      if (one.type === 'circuit_opened') circuit.breaker.reset();
    });
    const permit = circuit.permit();
    expect(circuit.breaker.state).toBe('closed');
    circuit.exit(permit, 'failure');
    expect(circuit.types.filter((type) => type === 'circuit_opened')).toHaveLength(3);
  });
});

describe('event hub', () => {
  test('what a listener emits is delivered after the event at hand has reached everyone', () => {
    const hub = new EventHub();
    const log: string[] = [];
    hub.subscribe((one) => {
      log.push(`a${numberOf(one)}`);
      if (numberOf(one) < 3) hub.emit(event(numberOf(one) + 1));
    });
    hub.subscribe((one) => log.push(`b${numberOf(one)}`));
    hub.emit(
      event(1),
      audience((one) => log.push(`also${numberOf(one)}`)),
    );
    expect(log).toEqual(['a1', 'b1', 'also1', 'a2', 'b2', 'a3', 'b3']);
  });

  test('silent while nobody listens', () => {
    const hub = new EventHub();
    expect(hub.silent).toBe(true);
    const subscription = hub.subscribe(() => undefined);
    expect(hub.silent).toBe(false);
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(hub.silent).toBe(true);
    hub.emit(EVENT);
  });

  test('`using` ends a subscription at the end of its block', () => {
    const hub = new EventHub();
    const seen: number[] = [];
    {
      using _ = hub.subscribe((one) => seen.push(numberOf(one)));
      hub.emit(event(1));
    }
    hub.emit(event(2));
    expect(seen).toEqual([1]);
  });

  test('one function subscribed twice is two subscriptions: ending one leaves the other', () => {
    const hub = new EventHub();
    const seen: number[] = [];
    const listener = (one: FuselineEvent): void => void seen.push(numberOf(one));
    const [first, second] = [hub.subscribe(listener), hub.subscribe(listener)];
    hub.emit(event(1));
    first.unsubscribe();
    first.unsubscribe();
    hub.emit(event(2));
    second.unsubscribe();
    hub.emit(event(3));
    expect(seen).toEqual([1, 1, 2]);
  });

  test('after unsubscribe a listener hears nothing more, not even of the event being delivered', () => {
    const hub = new EventHub();
    const seen: string[] = [];
    hub.subscribe(() => second.unsubscribe());
    const second = hub.subscribe(() => seen.push('second'));
    hub.emit(EVENT);
    expect(seen).toEqual([]);
  });

  test('a listener that subscribes another does so from the next event on', () => {
    const hub = new EventHub();
    const seen: number[] = [];
    const subscription = hub.subscribe(() => {
      hub.subscribe((one) => seen.push(numberOf(one)));
      subscription.unsubscribe();
    });
    hub.emit(event(1));
    hub.emit(event(2));
    expect(seen).toEqual([2]);
  });
});
