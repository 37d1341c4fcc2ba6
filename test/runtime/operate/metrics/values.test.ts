import { BreakerRegistry, type CircuitBreaker, type ClientOptions, lastGood, type ServiceClient } from 'fuseline';
import { watchBreakers } from 'fuseline/config';
import { collectMetrics } from 'fuseline/metrics';
import { protect } from 'fuseline/protect';
import { FakeClock } from 'fuseline/testing';
import { tiers } from 'fuseline/tiers';
import { Registry } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, listThings, testClient } from '../../../support/client.js';
import { answers, InMemory, type Reaction, waits } from '../../../support/in-memory.js';
import { MetricsText } from '../../../support/metrics-text.js';
import { MemoryFile } from '../watch/memory-file.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let register: Registry;
let dispatcher: InMemory;

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  register = new Registry();
  dispatcher = new InMemory(answers(200));
  collectMetrics({ register, registry });
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', clock, registry, dispatcher, retry: false, ...options });

/** The value of a metric of acme, or of its operation things.get. */
async function value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  return (await MetricsText.of(register)).value(`circuit_breaker_${name}`, labels);
}

/** Answers after a time. */
const delayed =
  (ms: number, reaction: Reaction): Reaction =>
  (handler, request, controller) => {
    clock.setTimeout(() => reaction(handler, request, controller), ms);
  };

function obtain(name: string, service = 'acme'): CircuitBreaker {
  return registry.obtain(name, service, {
    enabled: true,
    failureThreshold: 2,
    successThreshold: 1,
    recoveryTimeoutMs: 30_000,
    halfOpenMaxCalls: 1,
  });
}

function fail(circuit: CircuitBreaker, times = 1): void {
  for (let at = 0; at < times; at++) circuit.exit(circuit.enter(clock.now()), 'failure', clock.now(), 100, at % 2 === 1);
}

describe('circuits', () => {
  test('an outage from its beginning to its end', async () => {
    const circuit = obtain('acme');
    clock.jump(5_000);
    expect([await value('state'), await value('time_in_state_seconds'), await value('down_seconds')]).toEqual([0, 5, 0]);
    fail(circuit, 2);
    expect(await value('retry_after_seconds')).toBe(30);
    clock.jump(10_000);
    circuit.enter(clock.now());
    expect([await value('state'), await value('time_in_state_seconds'), await value('down_seconds')]).toEqual([1, 10, 10]);
    expect([await value('retry_after_seconds'), await value('requests_blocked_total')]).toEqual([20, 1]);
    clock.jump(21_000);
    // Half-open by time alone: no probe has come yet, and no change was counted.
    expect([await value('state'), await value('time_in_state_seconds'), await value('down_seconds')]).toEqual([2, 1, 31]);
    expect([await value('retry_after_seconds'), await value('transitions_total')]).toEqual([0, 1]);
    circuit.exit(circuit.enter(clock.now()), 'success', clock.now(), 200);
    expect([await value('state'), await value('down_seconds'), await value('transitions_total')]).toEqual([0, 0, 3]);
    expect([await value('requests_total'), await value('successes_total'), await value('failures_total')]).toEqual([4, 1, 2]);
    expect([await value('timeouts_total'), await value('opens_total'), await value('recoveries_total')]).toEqual([1, 1, 1]);
    expect(await value('response_time_ms')).toBeCloseTo((100 + 100 + 200) / 3);
    expect(await value('failure_rate')).toBeCloseTo(2 / 3);
    const text = await MetricsText.of(register);
    expect(
      text.all('circuit_breaker_state_transitions_total').map(({ labels, value }) => [labels['from_state'], labels['to_state'], value]),
    ).toEqual([
      ['closed', 'open', 1],
      ['open', 'half_open', 1],
      ['half_open', 'closed', 1],
      ['half_open', 'open', 0],
      ['open', 'closed', 0],
    ]);
    const bucket = (le: string): number => text.value('circuit_breaker_recovery_time_seconds_bucket', { le });
    expect([bucket('30'), bucket('60'), bucket('7200'), bucket('+Inf')]).toEqual([0, 1, 1, 1]);
    expect(text.value('circuit_breaker_recovery_time_seconds_sum')).toBe(31);
  });

  test('of several the worst counts: open before half-open before closed, and then the longest', async () => {
    const [first, second, third] = [obtain('acme'), obtain('acme@eu'), obtain('acme@us')];
    fail(first, 2);
    clock.jump(31_000);
    fail(second, 2);
    clock.jump(1_000);
    expect([await value('state'), await value('time_in_state_seconds'), await value('down_seconds')]).toEqual([1, 1, 32]);
    expect(await Promise.all(['closed', 'open', 'half_open'].map((state) => value('circuits', { state })))).toEqual([1, 1, 1]);
    second.reset();
    expect([await value('state'), await value('down_seconds')]).toEqual([2, 32]);
    third.forceOpen();
    expect([await value('state'), await value('retry_after_seconds')]).toEqual([1, Number.POSITIVE_INFINITY]);
  });

  test('held by hand, which being switched off is not', async () => {
    const circuit = obtain('acme');
    registry.obtain('acme#off', 'acme', { ...circuit.options, enabled: false });
    expect(await value('forced_circuits')).toBe(0);
    for (const force of ['forceOpen', 'forceClosed', 'metricsOnly'] as const) {
      circuit[force]();
      expect(await value('forced_circuits')).toBe(1);
    }
    circuit.reset();
    expect(await value('forced_circuits')).toBe(0);
  });

  test('the failure rate of a sliding window, where there is one', async () => {
    const slidingWindow = { type: 'count', size: 2, minimumCalls: 2, failureRateThreshold: 1 } as const;
    const circuit = registry.obtain('acme', 'acme', { ...obtain('other', 'other').options, slidingWindow });
    for (const outcome of ['failure', 'success', 'success', 'failure'] as const)
      circuit.exit(circuit.enter(clock.now()), outcome, clock.now());
    expect(await value('failure_rate', { service: 'acme' })).toBe(0.5);
    circuit.exit(circuit.enter(clock.now()), 'success', clock.now());
    circuit.exit(circuit.enter(clock.now()), 'success', clock.now());
    expect([await value('failure_rate', { service: 'acme' }), await value('failures_total', { service: 'acme' })]).toEqual([0, 2]);
  });

  test('of a protected function', async () => {
    const call = protect((): Promise<string> => Promise.reject(new Error('down')), {
      breaker: obtain('billing', 'billing'),
      fallback: () => 'later',
    });
    expect(await call()).toBe('later');
    expect([await value('failures_total'), await value('fallback_usage_total')]).toEqual([1, 1]);
  });
});

describe('operations', () => {
  test('each call in one ending, and how long it took', async () => {
    const caller = client({ fallbacks: { 'things.list': () => ({ rest: true }), 'things.get': lastGood() }, totalTimeoutMs: 20_000 });
    dispatcher.react(delayed(30, answers(200)), delayed(300, answers(503)), delayed(700, answers(503)));
    for (const call of [
      () => caller.call(getThing, { id: 1 }),
      () => caller.call(getThing, { id: 1 }),
      () => caller.call(listThings, {}),
    ]) {
      const pending = call();
      await clock.advance(1_000);
      await pending;
    }
    const aborter = new AbortController();
    dispatcher.react(waits);
    const cancelled = errorOf(caller.call(getThing, { id: 1 }, { signal: aborter.signal }));
    await clock.advance(1);
    expect(await value('calls_in_flight', { operation: 'things.get' })).toBe(1);
    aborter.abort();
    await cancelled;
    const text = await MetricsText.of(register);
    const endings = (operation: string) =>
      text.all('circuit_breaker_calls_total', { operation }).map(({ labels, value }) => [labels['status'], value]);
    expect(endings('things.get')).toEqual([
      ['success', 1],
      ['failure', 0],
      ['cancelled', 1],
      ['cache', 1],
      ['fallback', 0],
    ]);
    expect(endings('things.list')).toContainEqual(['fallback', 1]);
    const bucket = (le: string): number => text.value('circuit_breaker_call_duration_seconds_bucket', { operation: 'things.get', le });
    expect(['0.025', '0.05', '0.25', '0.5', '60', '+Inf'].map(bucket)).toEqual([0, 1, 1, 2, 2, 2]);
    expect(text.value('circuit_breaker_call_duration_seconds_sum', { operation: 'things.get' })).toBeCloseTo(0.33);
    expect(text.value('circuit_breaker_call_duration_seconds_count', { operation: 'things.get' })).toBe(2);
    expect(text.value('circuit_breaker_fallback_usage_total')).toBe(2);
  });

  test('attempts, retries, timeouts and refusals', async () => {
    dispatcher.react(answers(503), waits, answers(503));
    const caller = client({ retry: { ...AT_ONCE, maxAttempts: 3 }, timeoutMs: 1_000, breaker: { failureThreshold: 4 } });
    const failing = errorOf(caller.call(getThing, { id: 1 }));
    await clock.advance(2_000);
    await failing;
    // One call alone does not open the circuit: the failure of the second call does.
    await errorOf(caller.call(getThing, { id: 1 }));
    await errorOf(caller.call(getThing, { id: 1 }));
    const names = ['attempts', 'retries', 'attempt_timeouts', 'calls_rejected', 'calls_limited'];
    expect(await Promise.all(names.map((name) => value(`${name}_total`, { operation: 'things.get' })))).toEqual([4, 2, 1, 1, 0]);
    expect(await value('calls_total', { status: 'failure' })).toBe(3);
  });
});

describe('limits', () => {
  test('a bulkhead', async () => {
    dispatcher.react(waits);
    const caller = client({ bulkhead: { maxConcurrent: 4, maxQueue: 1, maxWaitMs: 1_000 }, timeoutMs: 60_000 });
    const pending = [1, 2, 3].map((id) => errorOf(caller.call(getThing, { id })));
    expect([await value('bulkhead_active'), await value('bulkhead_queued'), await value('bulkhead_utilization_ratio')]).toEqual([
      3, 0, 0.75,
    ]);
    pending.push(...[4, 5, 6].map((id) => errorOf(caller.call(getThing, { id }))));
    expect([await value('bulkhead_active'), await value('bulkhead_queued'), await value('bulkhead_rejected_total')]).toEqual([4, 1, 1]);
    await clock.advance(1_001);
    expect([await value('bulkhead_queued'), await value('bulkhead_rejected_total')]).toEqual([0, 2]);
    expect(await value('calls_limited_total', { operation: 'things.get' })).toBe(2);
    await clock.advance(60_000);
    await Promise.all(pending);
    expect(await value('bulkhead_active')).toBe(0);
  });

  test('a rate limiter', async () => {
    dispatcher.react(waits);
    const caller = client({ rateLimit: { requests: 1, perMs: 10_000, maxWaitMs: 15_000 }, timeoutMs: 60_000 });
    const pending = [1, 2, 3].map((id) => errorOf(caller.call(getThing, { id })));
    const names = ['rate_limiter_queued', 'rate_limiter_waits_total', 'rate_limiter_rejected_total'];
    const counted = (): Promise<readonly number[]> => Promise.all(names.map((name) => value(name)));
    expect(await counted()).toEqual([1, 1, 1]);
    await clock.advance(10_001);
    expect(await counted()).toEqual([0, 1, 1]);
    expect(await value('calls_limited_total', { operation: 'things.get' })).toBe(1);
    await clock.advance(120_000);
    await Promise.all(pending);
  });
});

test('tiers', async () => {
  const lookup = tiers([
    { name: 'crm', run: (): Promise<string> => Promise.reject(new Error('down')) },
    { name: 'mirror', run: () => 'found' },
  ]);
  collectMetrics({ register, registry, tiers: { lookup } });
  await lookup();
  await lookup();
  const runs = (tier: string, result: string) => value('tier_runs_total', { operation: 'lookup', tier, result });
  expect(await Promise.all([runs('crm', 'error'), runs('crm', 'answer'), runs('mirror', 'answer'), runs('mirror', 'skipped')])).toEqual([
    2, 0, 2, 0,
  ]);
});

test('reloads of the configuration', async () => {
  const file = new MemoryFile('circuit_breaker: { services: { acme: { failure_threshold: 4 } } }');
  const watcher = watchBreakers({ file: 'breakers.yaml', source: file, registry, clock, pollMs: null });
  await watcher.ready;
  file.write('circuit_breaker: { services: { acme: { failure_threshold: 0 } } }');
  await watcher.check();
  watcher.close();
  expect([await value('config_reloads_total', { result: 'applied' }), await value('config_reloads_total', { result: 'rejected' })]).toEqual(
    [1, 1],
  );
});
