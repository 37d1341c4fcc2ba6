import { describe, expect, test } from 'vitest';
import { type BreakerInput, CircuitBreaker, type FuselineEvent, type RefusalReason } from '../../runtime/index.js';
import { FakeClock } from '../../runtime/testing/index.js';
import { EventOrder } from './event-order.js';

const EVERYTHING: BreakerInput = {
  failureThreshold: 3,
  successThreshold: 2,
  recoveryTimeoutMs: 100,
  halfOpenMaxCalls: 1,
  slidingWindow: { size: 10, minimumCalls: 4, slowCallDurationMs: 200, failureThresholdCounts: 'consecutive' },
  reopenBackoff: { multiplier: 2, maxMs: 1_000, jitter: 0, resetAfterMs: 10_000 },
  ramp: { durationMs: 500, initialShare: 0 },
};

/** A real circuit's events, every kind of them, as it tells them. */
async function realTrace(): Promise<readonly FuselineEvent[]> {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker({ ...EVERYTHING, name: 'real', clock });
  const events: FuselineEvent[] = [];
  breaker.subscribe((event) => events.push(event));
  const call = (fails: boolean): Promise<unknown> =>
    breaker.call(() => (fails ? Promise.reject(new Error('down')) : 1)).catch(() => undefined);
  const times = async (count: number, fails: boolean): Promise<void> => {
    for (let n = 0; n < count; n++) await call(fails);
  };
  // Failures in a row; a refusal; a probe that fails; one that never ends, and a refusal for want of a place.
  await times(4, true);
  clock.jump(100);
  await times(1, true);
  clock.jump(200);
  breaker.enter(clock.now(), 50);
  await times(1, false);
  clock.jump(1_000);
  // Recovered, and a ramp; opened again in a row, by its rate; then stable.
  await times(5, false);
  clock.jump(600);
  for (const fails of [true, false, true]) await call(fails);
  clock.jump(1_000);
  await times(2, false);
  clock.jump(20_000);
  for (let n = 0; n < 4; n++) breaker.enter(clock.now());
  clock.jump(300);
  await call(false);
  return events;
}

const optionsOf = (input: BreakerInput): (() => CircuitBreaker['options']) => {
  const { options } = new CircuitBreaker(input);
  return () => options;
};

function faultsOf(events: readonly FuselineEvent[], input: BreakerInput = EVERYTHING): readonly string[] {
  const order = new EventOrder(optionsOf(input));
  for (const event of events) order.listener(event);
  return order.faults;
}

test('finds nothing in what a circuit really tells', async () => {
  const events = await realTrace();
  const order = new EventOrder(optionsOf(EVERYTHING));
  for (const event of events) order.listener(event);
  expect(order.faults).toEqual([]);
  const reasons = ['consecutive_failures', 'failure_rate', 'probe_expired', 'probe_failed', 'slow_call_rate'];
  expect([...order.seen].sort()).toEqual([...reasons, 'half_open', 'longer wait', 'open', 'ramp'].sort());
  expect(order.counts('real').circuit_opened).toBe(events.filter(({ type }) => type === 'circuit_opened').length);
});

test('finds any transition that is missing, and any that is told twice', async () => {
  const events = await realTrace();
  const transitions = events.flatMap((event, at) => ('oldState' in event ? [at] : []));
  expect(transitions.length).toBeGreaterThan(10);
  for (const at of transitions.slice(0, -1)) expect(faultsOf(events.toSpliced(at, 1)), `without event ${at}`).not.toEqual([]);
  for (const at of transitions) expect(faultsOf(events.toSpliced(at, 0, events[at] as FuselineEvent)), `event ${at} twice`).not.toEqual([]);
});

const base = { circuit: 'acme', service: 'acme', at: 0 } as const;
const failed: FuselineEvent = { ...base, type: 'call_failed', operation: 'a.b', failureCount: 1, threshold: 3, cause: 'http_500' };

function opened(more: object = {}): FuselineEvent {
  const told = { oldState: 'closed', newState: 'open', failureCount: 3, recoveryTimeoutMs: 100, reason: 'consecutive_failures' } as const;
  return { ...base, type: 'circuit_opened', ...told, ...more } as FuselineEvent;
}

function halfOpen(at = 100): FuselineEvent {
  return { ...base, at, type: 'circuit_half_open', oldState: 'open', newState: 'half_open', failureCount: 0, recoveryTimeoutMs: 100 };
}

function closed(at = 100, downMs: number | null = 100): FuselineEvent {
  const told = { oldState: 'half_open', newState: 'closed', failureCount: 0, recoveryTimeoutMs: 100 } as const;
  return { ...base, at, type: 'circuit_closed', ...told, ...(downMs === null ? {} : { downMs }) };
}

function rejected(reason: RefusalReason, retryAfterMs = 0, at = 0): FuselineEvent {
  return { ...base, at, type: 'call_rejected', operation: 'a.b', retryAfterMs, reason };
}

const reopened = (more: object = {}): FuselineEvent =>
  opened({ at: 100, oldState: 'half_open', failureCount: 1, reason: 'probe_failed', recoveryTimeoutMs: 200, ...more });
const held = (more: object = {}): object => ({
  type: 'count',
  calls: 10,
  failedCalls: 5,
  slowCalls: 0,
  slowCallsInFlight: 0,
  failureRate: 0.5,
  slowCallRate: 0,
  failureOrSlowRate: 0.5,
  ...more,
});
const byRate = (window: object | undefined): FuselineEvent => opened({ failureCount: 1, reason: 'failure_rate', window });
const plain: BreakerInput = { ...EVERYTHING, slidingWindow: false, reopenBackoff: false, ramp: false };

describe('finds what cannot be', () => {
  test.each<[string, readonly FuselineEvent[], RegExp, BreakerInput?]>([
    ['an effect before its cause', [opened()], /follows undefined: the cause must come before the effect/],
    ['opened too late', [failed, opened({ failureCount: 4 })], /opened after 4 failures/],
    ['opened for failures in a row beside a window', [failed, opened()], /for what its window replaces/, { slidingWindow: {} }],
    ['opened by a window that it has not', [failed, byRate(held())], /because of failure_rate, and has no window/, plain],
    [
      'opened by a rate below its threshold',
      [failed, byRate(held({ failureRate: 0.4 }))],
      /because of failure_rate, with .*"failureRate":0.4/,
    ],
    ['opened by a rate of too few calls', [failed, byRate(held({ calls: 3 }))], /because of failure_rate, with .*"calls":3/],
    ['opened by a rate, without saying what it held', [failed, byRate(undefined)], /because of failure_rate, and has no window/],
    ['opened for no reason', [failed, opened({ reason: undefined, window: held() })], /because of undefined/],
    ['reopened without a failed probe', [failed, opened(), halfOpen(), reopened()], /follows circuit_half_open: the cause/],
    [
      'reopened for a reason of closed ones',
      [failed, opened(), halfOpen(), failed, reopened({ reason: 'failure_rate' })],
      /reopened because of/,
    ],
    ['reopened after several', [failed, opened(), halfOpen(), failed, reopened({ failureCount: 2 })], /reopened after 2 failures/],
    [
      'a wait that did not grow',
      [failed, opened(), halfOpen(), failed, reopened({ recoveryTimeoutMs: 100 })],
      /waits 100 ms at opening 2 in a row/,
    ],
    ['a first wait that grew', [failed, opened({ recoveryTimeoutMs: 200 })], /waits 200 ms at opening 1 in a row/],
    ['a wait without backoff that grew', [failed, opened({ recoveryTimeoutMs: 101 })], /waits 101 ms/, plain],
    ['a wait beyond the cap', [failed, opened(), halfOpen(), failed, reopened({ recoveryTimeoutMs: 1_001 })], /waits 1001 ms/],
    [
      'a flap that was forgotten',
      [failed, opened(), halfOpen(), closed(), { ...failed, at: 200 }, opened({ at: 200 })],
      /waits 100 ms at opening 2 in a row/,
    ],
    [
      'a flap that was never forgotten',
      [failed, opened(), halfOpen(), closed(), { ...failed, at: 90_000 }, opened({ at: 90_000, recoveryTimeoutMs: 200 })],
      /waits 200 ms at opening 1 in a row/,
    ],
    ['closed earlier than it said', [failed, opened(), halfOpen(), closed(100, 60)], /was down for 60 ms, but said that it would wait 100/],
    ['closed without a time', [failed, opened(), halfOpen(), closed(100, null)], /was down for undefined ms/],
    ['closed without probing', [failed, opened(), closed()], /leaves half_open, but the circuit was open/],
    ['refused while closed', [rejected('open', 50)], /in a circuit that is closed/],
    ['refused for longer than it waits', [failed, opened(), rejected('open', 101)], /asks to wait 101 ms, but the circuit 100 ms/],
    ['refused for no time at all', [failed, opened(), rejected('open', 0)], /asks to wait 0 ms/],
    ['refused for want of a place while open', [failed, opened(), rejected('half_open')], /for want of a place in a circuit that is open/],
    [
      'refused for want of a place, with a wait',
      [failed, opened(), halfOpen(), rejected('half_open', 5, 100)],
      /asks to wait 5 ms, although/,
    ],
    ['held back by a ramp that it has not', [rejected('ramp')], /by a ramp in a circuit that is closed and has no such/, plain],
    ['held back by a ramp while open', [failed, opened(), rejected('ramp')], /by a ramp in a circuit that is open/],
    [
      'held back by a ramp that has ended',
      [failed, opened(), halfOpen(), closed(), rejected('ramp', 0, 1_700)],
      /ramp that ended 1100 ms ago/,
    ],
    ['held back before it ever opened', [rejected('ramp')], /by a ramp that ended Infinity ms ago/],
    ['held by nobody', [rejected('forced_open', 0)], /by a hand that nobody laid on it/],
    ['an event that came before its predecessor', [{ ...failed, at: 5 }, failed], /came 5 ms before its predecessor/],
    ['a state that nobody asked for', [{ ...opened(), newState: 'forced_open' } as FuselineEvent], /goes from closed to forced_open/],
  ])('%s', (_, events, fault, input) => {
    expect(faultsOf(events, input === undefined ? EVERYTHING : { ...plain, ...input }).join('\n')).toMatch(fault);
  });

  test('a circuit that nobody knows', () => {
    const order = new EventOrder(() => undefined);
    order.listener(failed);
    expect(order.faults).toEqual(['acme call_failed: of a circuit that nobody knows']);
  });
});
