import { CircuitBreaker, CircuitOpenError, type FuselineEvent, TimeoutError } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { CallEvents } from '../../../../runtime/policies/call-events.js';
import { REFUSED } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { Permits } from '../../../../runtime/policies/circuit-breaker/permits.js';
import type { Failure, Flow } from '../../../../runtime/policies/stage.js';
import { failureOf, Neighbours } from '../flow.js';

const RECOVERY_MS = 1_000;
const PLACE = { service: 'acme', operation: 'things.get' };

let clock: FakeClock;
let circuit: CircuitBreaker;
let events: FuselineEvent[];
let counts: { rejected: number };
let link: Permits<Flow>;
let neighbours: Neighbours;

beforeEach(() => {
  clock = new FakeClock();
  circuit = new CircuitBreaker({ name: 'acme', clock, failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: RECOVERY_MS });
  events = [];
  circuit.subscribe((event) => events.push(event));
  counts = { rejected: 0 };
  link = new Permits(circuit, new CallEvents(circuit, 'things.get'), PLACE, counts);
  neighbours = new Neighbours(link);
});

const stats = (): object => circuit.snapshot().stats;
const refusal = (): Failure => neighbours.ended[0] as Failure;
const TIME_UP = { error: new TimeoutError(PLACE, 'total', 100, 'waiting'), limitMs: 100 };

/** A flow that holds a permit since 20, at 50. */
const underWay = (): Flow => {
  const flow = neighbours.flow();
  link.enter(flow, 20);
  clock.jump(50);
  return flow;
};

describe('on the way in', () => {
  test('a call gets its permit, and goes on', () => {
    const flow = neighbours.flow();
    link.enter(flow, 20);
    expect([flow.permit === REFUSED, flow.permitAt, neighbours.entered, neighbours.ended]).toEqual([false, 20, [20], []]);
    expect(stats()).toMatchObject({ totalRequests: 1, rejectedRequests: 0 });
  });

  test.each([
    [99, [99], []],
    [100, [], ['expired at 100']],
    [101, [], ['expired at 101']],
  ])('with a deadline at 100, at %d: no permit once it has passed', (now, entered, ended) => {
    link.enter(neighbours.flow({}, { until: 100 }), now);
    expect([neighbours.entered, neighbours.ended]).toEqual([entered, ended]);
    expect(stats()).toMatchObject({ totalRequests: entered.length });
  });

  test('the probe holds its place as long as the settings say', () => {
    circuit.acquire().failure();
    link.enter(neighbours.flow({ leaseMs: 77 }), RECOVERY_MS);
    expect(circuit.machine.current).toMatchObject({ kind: 'half_open', probes: [{ leaseUntil: RECOVERY_MS + 77 }] });
  });

  test('a call that a listener aborts when its permit is given goes no further, and gives it back', () => {
    circuit.acquire().failure();
    const flow = neighbours.flow();
    circuit.on('circuit_half_open', () => Object.assign(flow, { over: true }));
    link.enter(flow, RECOVERY_MS);
    expect([flow.permit, neighbours.entered, neighbours.ended]).toEqual([REFUSED, [], []]);
    expect(circuit.machine.current).toMatchObject({ kind: 'half_open', probes: [] });
    expect(stats()).toMatchObject({ releasedRequests: 1 });
  });
});

describe('a refusal', () => {
  test('is counted, reported, and a failure that can be answered and is not repeated', () => {
    circuit.acquire().failure();
    const flow = neighbours.flow();
    link.enter(flow, 100);
    expect([flow.permit, neighbours.entered, counts.rejected]).toEqual([REFUSED, [], 1]);
    expect(refusal()).toMatchObject({
      cause: 'circuit_open',
      outcome: 'released',
      timedOut: false,
      refused: true,
      transient: false,
      neverSent: true,
      throttled: false,
      waitMs: undefined,
      answerable: true,
    });
    expect(events.at(-1)).toMatchObject({ type: 'call_rejected', operation: 'things.get', retryAfterMs: 900, reason: 'open' });
  });

  test('has one error, which says why and for how long, also when it is read later', () => {
    circuit.acquire().failure();
    link.enter(neighbours.flow(), 100);
    circuit.reset();
    const { error } = refusal();
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ ...PLACE, circuit: 'acme', retryAfterMs: 900, reason: 'open', dependency: undefined });
    expect((error as Error).message).toBe(circuitError(900, 'consecutive_failures').message);
    expect(refusal().error).toBe(error);
  });

  test('names the circuit that is followed and open', () => {
    const auth = new CircuitBreaker({ name: 'auth', clock, failureThreshold: 1, recoveryTimeoutMs: RECOVERY_MS });
    circuit.follow(auth);
    auth.acquire().failure();
    link.enter(neighbours.flow(), 100);
    expect(refusal().error).toMatchObject({ dependency: 'auth', retryAfterMs: 900 });
    expect(events.at(-1)).toMatchObject({ type: 'call_rejected', dependency: 'auth' });
  });

  test('ends nothing if a listener that heard of it aborted the call; and is counted nowhere if nobody counts', () => {
    circuit.acquire().failure();
    const silent = new Permits<Flow>(circuit, new CallEvents(circuit, 'things.get'), PLACE);
    const others = new Neighbours(silent);
    const flow = others.flow();
    circuit.on('call_rejected', () => Object.assign(flow, { over: true }));
    silent.enter(flow, 100);
    expect([others.ended, counts.rejected]).toEqual([[], 0]);
  });

  const circuitError = (retryAfterMs: number, why: 'consecutive_failures'): Error =>
    new CircuitOpenError(PLACE, 'acme', retryAfterMs, 'open', undefined, why);
});

describe('on the way out', () => {
  test('a success gives the permit back, with the time that it took', () => {
    const flow = underWay();
    link.succeeded(flow, 'fine', 50);
    expect([flow.permit, neighbours.ended]).toEqual([REFUSED, ['fine']]);
    expect(stats()).toMatchObject({ successfulRequests: 1, timeoutRequests: 0, avgResponseTimeMs: 30 });
  });

  test.each([true, false])('a failure is told before the circuit opens; timed out: %s', (timedOut) => {
    const flow = underWay();
    const failure = failureOf({ cause: 'http_503', timedOut });
    link.failed(flow, failure, 50);
    expect([flow.permit, neighbours.ended]).toEqual([REFUSED, [failure]]);
    expect(events).toMatchObject([{ type: 'call_failed', cause: 'http_503' }, { type: 'circuit_opened' }]);
    expect(stats()).toMatchObject({ failedRequests: 1, timeoutRequests: timedOut ? 1 : 0, avgResponseTimeMs: 30 });
  });

  test('one that counts as no failure is not told', () => {
    link.failed(underWay(), failureOf({ outcome: 'ignored' }), 50);
    expect(events).toEqual([]);
    expect(stats()).toMatchObject({ failedRequests: 0, ignoredRequests: 1 });
  });
});

describe('a call that is left', () => {
  test('without a permit gives none back, and the attempt is not asked', () => {
    expect(link.leave(neighbours.flow(), 50, TIME_UP)).toBe('released');
    expect([neighbours.left, neighbours.dropped]).toEqual([[], 0]);
    expect(stats()).toMatchObject({ releasedRequests: 0 });
  });

  test('because its time is up, in an attempt that had its time: a timeout, in its phase', () => {
    const flow = underWay();
    flow.phase = 'body';
    neighbours.outcome = 'failure';
    expect(link.leave(flow, 50, TIME_UP)).toBe('failure');
    expect([flow.permit, neighbours.left, neighbours.dropped]).toEqual([REFUSED, [TIME_UP], 1]);
    expect(events).toMatchObject([{ type: 'call_failed', cause: 'body_timeout' }, { type: 'circuit_opened' }]);
    expect(stats()).toMatchObject({ failedRequests: 1, timeoutRequests: 1, avgResponseTimeMs: 30 });
  });

  test('by its caller: nobody is told, and nothing but the permit is counted', () => {
    const flow = underWay();
    expect(link.leave(flow, 50, undefined)).toBe('released');
    expect([flow.permit, neighbours.left, neighbours.dropped, events]).toEqual([REFUSED, [undefined], 1, []]);
    expect(stats()).toMatchObject({ releasedRequests: 1, failedRequests: 0 });
  });

  test('by its caller, with a failure: it is no timeout', () => {
    const flow = underWay();
    neighbours.outcome = 'failure';
    link.leave(flow, 50, undefined);
    expect(stats()).toMatchObject({ failedRequests: 1, timeoutRequests: 0 });
  });

  test('is dropped only when its permit is back', () => {
    const flow = underWay();
    neighbours.outcome = 'failure';
    const dropped: number[] = [];
    circuit.on('circuit_opened', () => dropped.push(neighbours.dropped));
    link.leave(flow, 50, TIME_UP);
    expect([dropped, neighbours.dropped]).toEqual([[0], 1]);
  });
});

test('outer links see whether it is open, and what waits for it to open', () => {
  expect([link.isOpen(0), link.openings]).toEqual([false, circuit.openings]);
  circuit.acquire().failure();
  expect([link.isOpen(0), link.isOpen(RECOVERY_MS - 1), link.isOpen(RECOVERY_MS)]).toEqual([true, true, false]);
  expect(stats()).toMatchObject({ rejectedRequests: 0 });
});
