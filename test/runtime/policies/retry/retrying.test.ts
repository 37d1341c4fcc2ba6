import { CircuitBreaker, RetryExhaustedError } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { CallEvents } from '../../../../runtime/policies/call-events.js';
import { BUDGET_TOKENS, RETRY_COST, RetryBudget } from '../../../../runtime/policies/retry/retry-budget.js';
import { Retrying } from '../../../../runtime/policies/retry/retrying.js';
import type { Failure, Flow } from '../../../../runtime/policies/stage.js';
import { userFunction } from '../../../../runtime/user-code.js';
import { failureOf, Neighbours } from '../flow.js';

let clock: FakeClock;
let circuit: CircuitBreaker;
let budget: RetryBudget;
let link: Retrying<Flow>;
let neighbours: Neighbours;

beforeEach(() => {
  clock = new FakeClock();
  circuit = new CircuitBreaker({ clock, failureThreshold: 2, recoveryTimeoutMs: 500 });
  budget = new RetryBudget();
  const place = { service: 'acme', operation: 'things.get' };
  link = new Retrying({
    clock,
    random: userFunction(() => 1),
    budget,
    circuit,
    events: new CallEvents(circuit, 'things.get'),
    place,
  });
  neighbours = new Neighbours(link);
});

const spent = (): number => BUDGET_TOKENS - budget.tokens;

/** Lets an attempt fail, and the next one start. */
const failAndRepeat = async (flow: Flow, failure = failureOf()): Promise<void> => {
  link.failed(flow, failure, clock.now());
  await clock.advance(1_000);
  flow.attempts++;
};

test('a failure of a call that is over goes nowhere and costs nothing', () => {
  const flow = neighbours.flow({}, { over: true });
  link.failed(flow, failureOf(), 0);
  link.failed(flow, failureOf({ refused: true }), 0);
  expect([neighbours.ended, flow.retry, spent(), clock.pendingTimers]).toEqual([[], undefined, 0, 0]);
});

test('the failure of the only attempt is passed on as it is', () => {
  const failure = failureOf();
  link.failed(neighbours.flow({ maxAttempts: 1 }), failure, 0);
  expect(neighbours.ended).toHaveLength(1);
  expect(neighbours.ended[0]).toBe(failure);
});

test('attempts that repeat a request over a dead connection are not counted', () => {
  const flow = neighbours.flow({ maxAttempts: 2 }, { attempts: 2, repeats: 1 });
  link.failed(flow, failureOf(), 0);
  expect([neighbours.ended, clock.pendingTimers]).toEqual([[], 1]);
});

describe('a refusal by an inner policy', () => {
  const refusal = failureOf({ error: new Error('no place'), cause: 'bulkhead_full', outcome: 'released', refused: true });

  test('is passed on as it is at the first attempt, and is not retried', () => {
    const flow = neighbours.flow();
    link.failed(flow, refusal, 0);
    expect(neighbours.ended).toHaveLength(1);
    expect(neighbours.ended[0]).toBe(refusal);
    expect([flow.retry, spent(), clock.pendingTimers]).toEqual([undefined, 0, 0]);
  });

  test('of the second attempt ends the call with the error of the first, and gives the retry back', async () => {
    const flow = neighbours.flow();
    const { error } = failureOf({ error: new TypeError('the first') });
    link.failed(flow, failureOf({ error }), 0);
    await clock.advance(100);
    expect([neighbours.entered, spent()]).toEqual([[100], RETRY_COST]);
    link.failed(flow, refusal, 100);
    expect(neighbours.ended).toEqual([{ ...refusal, error, cause: 'error' }]);
    expect((neighbours.ended[0] as Failure).error).toBe(error);
    expect(spent()).toBe(0);
  });

  test('of the third attempt ends the call with all errors before it', async () => {
    const flow = neighbours.flow();
    await failAndRepeat(flow);
    await failAndRepeat(flow);
    link.failed(flow, refusal, clock.now());
    const { error } = neighbours.ended[0] as Failure;
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(error).toMatchObject({ attempts: 2 });
    expect(neighbours.ended[0]).toMatchObject({ refused: true, outcome: 'released' });
  });
});

describe('the timer of a wait', () => {
  test.each([
    ['later than the deadline', 250],
    ['exactly at it', 200],
  ])('that fires %s starts no attempt', async (_, at) => {
    link.failed(neighbours.flow({}, { until: 200 }), failureOf(), 0);
    clock.jump(at);
    await clock.advance(0);
    expect([neighbours.entered, neighbours.ended]).toEqual([[], [`expired at ${at}`]]);
  });

  test('that fires late but before the deadline starts the attempt', async () => {
    link.failed(neighbours.flow({}, { until: 200 }), failureOf(), 0);
    clock.jump(199);
    await clock.advance(0);
    expect([neighbours.entered, neighbours.ended]).toEqual([[199], []]);
  });
});

test('a call that waits hears of an opening; one that waits for the probe of an open circuit need not', async () => {
  link.failed(neighbours.flow({ waitForProbe: true }), failureOf(), 0);
  expect(circuit.openings.size).toBe(1);
  await clock.advance(100);
  expect([neighbours.entered, circuit.openings.size]).toEqual([[100], 0]);
  for (let n = 0; n < 2; n++) circuit.acquire().failure();
  expect(circuit.state).toBe('open');
  link.failed(neighbours.flow({ waitForProbe: true }), failureOf(), 100);
  expect(circuit.openings.size).toBe(0);
  await clock.advance(500);
  expect(neighbours.entered).toEqual([100, 600]);
});

test('a retry that succeeded is given back once, even if the call is left afterwards', async () => {
  const flow = neighbours.flow({}, { attempts: 0 });
  await failAndRepeat(flow);
  expect(spent()).toBe(RETRY_COST);
  budget.take(false);
  link.succeeded(flow, 'fine', clock.now());
  link.leave(flow, clock.now(), undefined);
  expect([neighbours.ended, spent()]).toEqual([['fine'], RETRY_COST]);
});
