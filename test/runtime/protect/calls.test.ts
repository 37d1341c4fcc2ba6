import { TimeoutError } from 'fuseline';
import { beforeEach, describe, expect, test } from 'vitest';
import { REFUSED } from '../../../runtime/policies/circuit-breaker/breaker.js';
import type { Entrance, Expiry, Failure, Flow } from '../../../runtime/policies/stage.js';
import { deadlineList } from '../../../runtime/policies/timeout/deadline.js';
import { FunctionCall, type FunctionPlan } from '../../../runtime/protect/function-call.js';
import { PlainCall, type PlainPlan } from '../../../runtime/protect/plain-call.js';
import type { RunFunction } from '../../../runtime/protect/run-function.js';
import { FakeClock } from '../../../runtime/testing/fake-clock.js';
import { CURRENT } from '../../../runtime/user-code.js';
import { flowOf } from '../policies/flow.js';

const PLACE = { service: 's', operation: 'o' };
const TOTAL_MS = 200;

let clock: FakeClock;
/** What the links and the caller heard. */
let heard: unknown[];

beforeEach(() => {
  clock = new FakeClock();
  heard = [];
});

const chainOf = <F extends Flow>(): Entrance<F> => ({
  enter: () => heard.push('entered'),
  leave: (_, __, expiry: Expiry | undefined) => {
    heard.push(expiry === undefined ? 'left' : 'time is up');
    return 'released';
  },
  drop: () => undefined,
  failed: (_, failure: Failure) => heard.push(failure.error),
});
const resolve = (value: unknown): unknown => heard.push(['resolved', value]);
const reject = (error: unknown): unknown => heard.push(['rejected', error]);

const plain = (): PlainCall => {
  const plan: PlainPlan = { chain: chainOf(), innermost: {} as RunFunction<PlainCall>, settings: flowOf().settings, clock, isPart: false };
  return new PlainCall(plan, [], CURRENT, resolve, reject);
};

const full = (caller?: AbortSignal, totalTimeoutMs?: number): FunctionCall => {
  const plan: FunctionPlan = {
    chain: chainOf(),
    innermost: {} as RunFunction<FunctionCall>,
    settings: flowOf().settings,
    clock,
    place: PLACE,
    operation: 'rates',
    totalTimeoutMs,
    isPart: false,
  };
  return new FunctionCall(plan, [], [], caller, resolve, reject);
};

/** What `aborted` of a signal of the user's can do. */
const broken = (error: Error): AbortSignal =>
  ({
    get aborted() {
      throw error;
    },
  }) as unknown as AbortSignal;

describe.each([
  ['one run', plain],
  ['several runs', full],
])('a call that makes %s', (_, make) => {
  test('settles once, with what came first', () => {
    for (const first of ['finish', 'fail'] as const) {
      const call = make();
      call[first](1);
      call.finish(2);
      call.fail(3);
      expect(call.over).toBe(true);
    }
    expect(heard).toEqual([
      ['resolved', 1],
      ['rejected', 1],
    ]);
  });

  test('holds no permit at first, hears no event and repeats no request', () => {
    expect(make()).toMatchObject({
      over: false,
      permit: REFUSED,
      hears: false,
      repeats: 0,
      onWire: 0,
      retry: undefined,
      waiting: undefined,
    });
  });
});

describe('a call that makes one run', () => {
  test('is its own run, the first, and has no deadline', () => {
    const call = plain();
    expect([call.run, call.nextRun()]).toEqual([call, call]);
    expect([call.attempts, call.phase, call.until, call.caller]).toEqual([1, 'waiting', Number.POSITIVE_INFINITY, undefined]);
  });

  test('rejects if its caller’s signal cannot be read, and does not run', () => {
    const error = new Error('no signal');
    plain().start(broken(error));
    expect(heard).toEqual([['rejected', error]]);
  });

  test('knows the signal that it follows, until it is left', () => {
    const controller = new AbortController();
    const call = plain();
    call.start(controller.signal);
    expect(call.caller).toBe(controller.signal);
    controller.abort('enough');
    expect(heard).toEqual(['entered', 'left', ['rejected', 'enough']]);
  });
});

describe('a call that can make several runs', () => {
  test('tells its fallbacks and its errors what it is', () => {
    const { signal } = new AbortController();
    const call = full(signal);
    expect([call.operation, call.signal, call.phase, call.attempts]).toEqual(['rates', signal, 'preparing', 0]);
    expect([call.nextRun(), call.phase, call.attempts]).toEqual([call.run, 'waiting', 1]);
  });

  test('has one number, which differs from that of another', () => {
    const [first, second] = [full(), full()];
    const number = first.callNumber;
    expect(number).toBeGreaterThan(0);
    expect(second.callNumber).toBeGreaterThan(number);
    expect(first.callNumber).toBe(number);
  });

  test('keeps the process alive until its deadline', async () => {
    full(undefined, TOTAL_MS).start();
    expect([deadlineList(clock, TOTAL_MS, true).size, deadlineList(clock, TOTAL_MS).size]).toEqual([1, 0]);
    await clock.advance(TOTAL_MS);
    expect(heard).toEqual(['entered', 'time is up', expect.any(TimeoutError)]);
  });

  test('ends at its deadline also if a late timer finds it, and then not again', async () => {
    const call = full(undefined, TOTAL_MS);
    call.start();
    expect(call.until).toBe(TOTAL_MS);
    clock.jump(TOTAL_MS);
    call.expire(TOTAL_MS);
    await clock.advance(TOTAL_MS);
    expect(heard).toEqual(['entered', 'time is up', expect.any(TimeoutError)]);
    call.fail('late');
    call.expire(TOTAL_MS);
    expect(heard.slice(3), 'a call that is over has no deadline').toEqual([['rejected', 'late']]);
  });

  test('aborted before it starts does not enter', () => {
    full(AbortSignal.abort('enough'), TOTAL_MS).start();
    expect([heard, clock.pendingTimers]).toEqual([[['rejected', 'enough']], 0]);
  });
});
