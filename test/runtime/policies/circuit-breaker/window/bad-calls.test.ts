import { describe, expect, test } from 'vitest';
import { ONE_ATTEMPT } from '../../../../../runtime/policies/circuit-breaker/calls.js';
import { BadCalls } from '../../../../../runtime/policies/circuit-breaker/window/bad-calls.js';
import { FAILED } from '../../../../../runtime/policies/circuit-breaker/window/call-window.js';
import { CountWindow } from '../../../../../runtime/policies/circuit-breaker/window/count-window.js';
import { TimeWindow } from '../../../../../runtime/policies/circuit-breaker/window/time-window.js';

/** A window of four calls, and those of them that were bad: a number is a bad attempt of that call, `ok` a good one. */
class Count {
  readonly window = new CountWindow(4);
  readonly bad = new BadCalls();

  add(...calls: readonly (number | 'ok')[]): boolean {
    for (const call of calls) {
      this.window.record(call === 'ok' ? 0 : FAILED);
      if (call !== 'ok') this.bad.add(call, this.window.place);
    }
    return this.bad.ofSeveral(this.window);
  }
}

describe('a window of the last four calls holds bad attempts of several calls', () => {
  test.each<[readonly (number | 'ok')[], boolean]>([
    [[], false],
    [[1], false],
    [[1, 1, 1, 1, 1], false],
    [[1, 2], true],
    [[ONE_ATTEMPT, ONE_ATTEMPT], true],
    [[1, ONE_ATTEMPT], true],
    [[1, 'ok', 'ok', 2], true],
    [[1, 'ok', 'ok', 'ok', 2], false],
    [[1, 2, 2, 2], true],
    [[1, 2, 2, 2, 2], false],
    [[1, 2, 1, 1, 1], true],
    [[1, 2, 1, 1, 1, 1], false],
    [[1, 2, 3, 3, 3], true],
    [[1, 2, 'ok', 'ok', 'ok'], false],
  ])('%j: %j', (calls, several) => {
    expect(new Count().add(...calls)).toBe(several);
  });

  test('and none once it is empty', () => {
    const count = new Count();
    expect(count.add(1, 2)).toBe(true);
    count.window.clear();
    expect(count.bad.ofSeveral(count.window)).toBe(false);
    count.bad.clear();
    expect(count.add(2), 'the first call after it').toBe(false);
  });
});

test('a window of time forgets the other call with its slot', () => {
  const window = new TimeWindow(100, 10);
  const bad = new BadCalls();
  const add = (call: number, now: number): boolean => {
    window.record(FAILED, now);
    bad.add(call, window.place);
    return bad.ofSeveral(window);
  };
  expect([add(1, 5), add(2, 50), add(2, 99)]).toEqual([false, true, true]);
  expect(add(2, 100), 'the first call is gone').toBe(false);
  expect(add(1, 109)).toBe(true);
  window.advance(209);
  expect(bad.ofSeveral(window)).toBe(false);
});

test('a window of time that is emptied holds no bad attempt of before, although its slot goes on', () => {
  const window = new TimeWindow(100, 10);
  const bad = new BadCalls();
  for (const call of [1, 2]) {
    window.record(FAILED, 5);
    bad.add(call, window.place);
  }
  expect(bad.ofSeveral(window)).toBe(true);
  window.clear();
  bad.clear();
  expect(bad.ofSeveral(window)).toBe(false);
  window.record(FAILED, 6);
  bad.add(3, window.place);
  expect(bad.ofSeveral(window), 'one call of the new period').toBe(false);
});

test('the places of a time window are good at negative times, too', () => {
  const window = new TimeWindow(100, 10);
  const bad = new BadCalls();
  for (const call of [1, 2]) {
    window.record(FAILED, -500);
    bad.add(call, window.place);
  }
  expect(bad.ofSeveral(window)).toBe(true);
  window.advance(-400);
  expect(bad.ofSeveral(window)).toBe(false);
});
