import { describe, expect, test } from 'vitest';
import { CircuitOpenError } from '../../../../runtime/errors/call-errors.js';
import { type Admitting, countedCall } from '../../../../runtime/policies/circuit-breaker/counted-run.js';
import { userFunction } from '../../../../runtime/user-code.js';
import { Circuit } from './circuit.js';

/** What a promise of another library is: calls back as it likes. */
function thenable(then: (resolve: (value: string) => void, reject: (reason: unknown) => void) => void): PromiseLike<string> {
  return { then } as PromiseLike<string>;
}

class OtherPromise<T> extends Promise<T> {}

describe('what comes through, and counts as a success', () => {
  test.each<readonly [string, () => unknown]>([
    ['a value', () => 'done'],
    ['a promise', async () => 'done'],
    ['a promise of a subclass', () => OtherPromise.resolve('done')],
    ['a thenable', () => thenable((resolve) => resolve('done'))],
    [
      'a thenable that calls back twice',
      () => thenable((resolve, reject) => [resolve('done'), resolve('again'), reject(new Error('late'))]),
    ],
  ])('%s', async (_, fn) => {
    const { breaker } = new Circuit();
    const called = breaker.call(fn);
    expect(Object.getPrototypeOf(called)).toBe(Promise.prototype);
    expect(await called).toBe('done');
    expect(breaker.counters).toMatchObject({ successes: 1, failures: 0, underWay: 0 });
  });
});

describe('what comes through, and counts as a failure', () => {
  const error = new Error('down');

  test.each<readonly [string, () => unknown]>([
    [
      'a throw',
      () => {
        throw error;
      },
    ],
    ['a rejection', () => Promise.reject(error)],
    ['a rejection of a subclass', () => OtherPromise.reject(error)],
    ['a thenable that rejects', () => thenable((_, reject) => reject(error))],
    [
      'a thenable that throws',
      () =>
        thenable(() => {
          throw error;
        }),
    ],
  ])('%s', async (_, fn) => {
    const circuit = new Circuit();
    await expect(circuit.breaker.call(fn)).rejects.toBe(error);
    expect(circuit.breaker.counters).toMatchObject({ successes: 0, failures: 1, underWay: 0 });
    expect(circuit.types).toEqual(['call_failed']);
  });
});

test('the permit is back before the caller hears of the result', async () => {
  const { breaker } = new Circuit();
  const heard: number[] = [];
  await breaker.call(async () => undefined).then(() => heard.push(breaker.counters.underWay));
  await breaker.call(() => Promise.reject(new Error('down'))).catch(() => heard.push(breaker.counters.underWay));
  expect(heard).toEqual([0, 0]);
});

describe('the permit is given back once, with what came of the call, when, and how long it took', () => {
  const run = async (fn: () => unknown): Promise<readonly unknown[]> => {
    const { breaker, clock } = new Circuit();
    const exits: unknown[][] = [];
    const circuit: Admitting = Object.create(breaker, {
      clock: { value: clock },
      events: { value: breaker.events },
      options: { value: breaker.options },
      failureCount: { value: 0 },
      enter: { value: () => 7 },
      exit: { value: (...args: unknown[]) => exits.push(args.slice(0, 5)) },
    });
    clock.jump(10);
    const called = countedCall(circuit, userFunction(fn)).catch(() => undefined);
    clock.jump(30);
    await called;
    return exits;
  };
  const refusal = new CircuitOpenError({ service: 's', operation: 'o' }, 'inner', 1, 'open');

  test.each<[string, () => unknown, unknown, number]>([
    ['a success', async () => 1, 'success', 30],
    ['a failure, which is no timeout', () => Promise.reject(new Error('down')), 'failure', 30],
    ['a refusal further in, which took no time', () => Promise.reject(refusal), 'released', 0],
  ])('%s', async (_, fn, outcome, tookMs) => {
    expect(await run(fn)).toEqual([[7, outcome, 40, tookMs, false]]);
  });
});

test('the stack of an error still names the callers above the circuit', async () => {
  const { breaker } = new Circuit();
  const failing = async (): Promise<void> => {
    await null;
    throw new Error('down');
  };
  async function caller(): Promise<void> {
    await breaker.call(failing);
  }
  const stack = await caller().catch((error: Error) => String(error.stack));
  expect(stack).toMatch(/at (async )?caller /);
});
