import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitOpenError } from '../../../../runtime/errors/call-errors.js';
import type { FuselineEvent } from '../../../../runtime/observe/events.js';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { getCircuitBreaker } from '../../../../runtime/policies/circuit-breaker/get-circuit-breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { errorOf } from '../../../support/client.js';

let clock: FakeClock;
let registry: BreakerRegistry;
const get = (name: string, follows?: readonly string[]): CircuitBreaker =>
  getCircuitBreaker(name, { registry, failureThreshold: 1, recoveryTimeoutMs: 1_000, ...(follows === undefined ? {} : { follows }) });
const fail = (breaker: CircuitBreaker): void => breaker.acquire().failure();

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
});

describe('P16 a circuit that follows another', () => {
  test('refuses while that is open, says so, and keeps its own state', async () => {
    const events: FuselineEvent[] = [];
    const billing = get('billing', ['auth']);
    const auth = get('auth');
    registry.on('call_rejected', (event) => events.push(event));
    fail(auth);
    clock.jump(200);
    const error = await errorOf(billing.call(() => 1));
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({
      circuit: 'billing',
      dependency: 'auth',
      reason: 'open',
      openReason: 'consecutive_failures',
      retryAfterMs: 800,
    });
    expect(String(error)).toBe(
      "CircuitOpenError: billing: circuit 'billing' follows 'auth', which is open (consecutive failures), it probes again in 0.8 s; no request was made",
    );
    expect(events).toMatchObject([{ circuit: 'billing', dependency: 'auth', reason: 'open', retryAfterMs: 800 }]);
    expect([billing.state, billing.admits, billing.retryAfterMs()]).toEqual(['closed', false, 800]);
    expect(billing.snapshot().stats).toMatchObject({ rejectedRequests: 1, failedRequests: 0 });
  });

  test('says why that one refuses, unless it is held open by hand itself', () => {
    const billing = get('billing', ['auth']);
    const auth = get('auth');
    auth.forceOpen();
    expect(billing.openError()).toMatchObject({ dependency: 'auth', reason: 'forced_open', retryAfterMs: Number.POSITIVE_INFINITY });
    auth.reset();
    fail(auth);
    billing.forceOpen();
    expect(billing.openError()).toMatchObject({ reason: 'forced_open', retryAfterMs: Number.POSITIVE_INFINITY });
  });

  test('lets calls through as soon as that one probes', async () => {
    const billing = get('billing', ['auth']);
    fail(get('auth'));
    clock.jump(1_000);
    await expect(billing.call(() => 1)).resolves.toBe(1);
  });

  test('through others: what the followed one follows counts, too', () => {
    const [orders, billing, auth] = [get('orders', ['billing']), get('billing', ['auth']), get('auth')];
    auth.forceOpen();
    expect(orders.blockedBy()).toBe(auth);
    auth.reset();
    billing.forceOpen();
    expect(orders.blockedBy()).toBe(billing);
    expect(auth.blockedBy()).toBeUndefined();
  });

  test('A8 a refused probe takes no place', () => {
    const billing = get('billing', ['auth']);
    fail(billing);
    clock.jump(1_000);
    const auth = get('auth');
    auth.forceOpen();
    for (let at = 0; at < 5; at++) expect(() => billing.acquire()).toThrow(CircuitOpenError);
    auth.reset();
    expect([billing.acquire().settled, billing.acquire().settled]).toEqual([false, false]);
  });

  test('a name means the circuits of that service, made before or after', () => {
    const early = registry.obtain('ghl@one', 'ghl', get('x').options);
    registry.follow('ghl', ['auth']);
    const late = registry.obtain('ghl/contacts', 'ghl', get('x').options);
    registry.obtain('auth@two', 'auth', get('x').options).forceOpen();
    expect([early.admits, late.admits, get('x').admits]).toEqual([false, false, true]);
  });

  test('whichever is made first', () => {
    registry.follow('ghl', ['auth']);
    const auth = registry.obtain('auth', 'auth', get('x').options);
    const ghl = registry.obtain('ghl', 'ghl', get('x').options);
    auth.forceOpen();
    expect(ghl.blockedBy()).toBe(auth);
    expect(auth.blockedBy()).toBeUndefined();
  });

  test('one circuit of a service may follow the others of it, and never itself', () => {
    const [contacts, calendars] = ['ghl/contacts', 'ghl/calendars'].map((name) => registry.obtain(name, 'ghl', get('x').options));
    registry.follow('ghl/contacts', ['ghl']);
    calendars?.forceOpen();
    expect(contacts?.blockedBy()).toBe(calendars);
    expect(calendars?.blockedBy()).toBeUndefined();
  });

  test('a circuit that is off follows none', async () => {
    const off = getCircuitBreaker('off', { registry, enabled: false, follows: ['auth'] });
    get('auth').forceOpen();
    await expect(off.call(() => 1)).resolves.toBe(1);
  });

  test('circles are refused, by name and by hand, and change nothing', () => {
    registry.follow('a', ['b']);
    registry.follow('b', ['c']);
    expect(() => registry.follow('c', ['a'])).toThrow(
      `follows of 'c' is "a", expected a circuit that does not follow this one. The circle: c -> a -> b -> c`,
    );
    expect(() => registry.follow('a', ['a'])).toThrow(/circle: a -> a$/);
    registry.follow('many', ['nowhere', 'somewhere', 'there']);
    registry.follow('nowhere', ['an end']);
    registry.follow('somewhere', ['nowhere']);
    registry.follow('there', ['here']);
    expect(() => registry.follow('here', ['many'])).toThrow(/The circle: here -> many -> there -> here$/);
    const [one, two] = [new CircuitBreaker({ name: 'one' }), new CircuitBreaker({ name: 'two' })];
    one.follow(two);
    expect(() => two.follow(one)).toThrow(/^follow of 'two' is "one", expected a circuit that does not follow this one/);
    expect(() => one.follow(one)).toThrow(/expected a circuit that does not follow this one/);
    expect(two.blockedBy()).toBeUndefined();
  });

  test('a circle of names and hands together, which neither sees, harms nobody', () => {
    const [one, two] = [get('one'), get('two')];
    one.follow(two);
    registry.follow('two', ['one']);
    expect([one.admits, two.admits]).toEqual([true, true]);
    two.forceOpen();
    expect([one.blockedBy(), two.blockedBy()]).toEqual([two, undefined]);
    expect(() => two.follow(one)).toThrow(/expected a circuit that does not follow this one/);
  });

  test('both open in such a circle: each says how long the longer one waits, and why', () => {
    const [one, two] = [get('one'), get('two')];
    one.follow(two);
    registry.follow('two', ['one']);
    const [first, second] = [one.acquire(), two.acquire()];
    first.failure();
    clock.jump(400);
    second.failure();
    expect([one, two].map((circuit) => [circuit.retryAfterMs(), circuit.refusalReason()])).toEqual([
      [1_000, 'open'],
      [1_000, 'open'],
    ]);
    clock.jump(700);
    expect([one.retryAfterMs(), one.blockedBy(), two.blockedBy()]).toEqual([300, two, undefined]);
    one.forceOpen();
    expect([one.refusalReason(), two.refusalReason()]).toEqual(['forced_open', 'forced_open']);
  });

  test('by hand and by name at once', () => {
    const [one, two, three] = [get('one'), get('two'), get('three')];
    registry.follow('one', ['two']);
    one.follow(three);
    one.follow(three);
    three.forceOpen();
    expect(one.blockedBy()).toBe(three);
    three.reset();
    two.forceOpen();
    expect(one.blockedBy()).toBe(two);
  });

  test('names that cannot be', () => {
    expect(() => registry.follow('', ['a'])).toThrow(/^follows is "", expected the name of a circuit or service$/);
    expect(() => registry.follow(7 as never, ['a'])).toThrow(/^follows is 7, expected the name of a circuit or service$/);
    expect(() => registry.follow('a', [''])).toThrow(/^follows of 'a' is "", expected the name of a circuit or service$/);
    expect(() => registry.follow('a', 'b' as never)).toThrow(/^follows of 'a' is "b", expected a list of names$/);
    expect(() => registry.follow('a', [3 as never])).toThrow(/^follows of 'a' is 3, expected the name/);
    expect(() => get('a').follow({} as never)).toThrow(/^follow is an object, expected a CircuitBreaker$/);
  });
});

describe('S3 getCircuitBreaker', () => {
  test('one name is one circuit, with or without its thresholds', () => {
    expect(get('llm')).toBe(get('llm'));
    expect(getCircuitBreaker('llm', { registry })).toBe(get('llm'));
    expect(registry.list()).toHaveLength(1);
    expect(get('llm').options).toMatchObject({ failureThreshold: 1, successThreshold: 3 });
  });

  test('another threshold of the same name is an error', () => {
    get('llm');
    expect(() => getCircuitBreaker('llm', { registry, failureThreshold: 9 })).toThrow(
      "failureThreshold of 'llm' is 9, expected 1, which the circuit of that name has already",
    );
  });

  test('A41 a listener that makes one while another changes its state', () => {
    registry.on('circuit_opened', () => void get('made by a listener'));
    fail(get('llm'));
    expect(registry.states()).toEqual({ llm: 'open', 'made by a listener': 'closed' });
  });

  test('what cannot be', () => {
    expect(() => getCircuitBreaker('')).toThrow(/^name is "", expected the name of a circuit$/);
    expect(() => getCircuitBreaker('llm', { registry, failureThreshold: 0 })).toThrow(/^breaker.failureThreshold is 0/);
  });
});
