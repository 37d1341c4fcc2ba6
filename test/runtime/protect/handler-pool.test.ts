import { beforeEach, describe, expect, test } from 'vitest';
import { HandlerPool } from '../../../runtime/protect/handler-pool.js';
import { Run } from '../../../runtime/protect/run.js';
import type { UserScope } from '../../../runtime/user-code.js';

interface Pair {
  readonly returned: (value: unknown) => void;
  readonly threw: (error: unknown) => void;
}

/** Notes how its promise settled. */
class NotedRun extends Run {
  readonly notes: unknown[] = [];

  override onDeadline(): void {}

  override returned(value: unknown): void {
    this.notes.push(['returned', value]);
  }

  override threw(error: unknown): void {
    this.notes.push(['threw', error]);
  }
}

/** The pairs of handlers that the promises got, one for each promise. */
let pairs: Pair[];
let pool: HandlerPool;

beforeEach(() => {
  pairs = [];
  pool = new HandlerPool();
});

const withThen = (then: (...handlers: Parameters<PromiseLike<unknown>['then']>) => unknown): object =>
  Object.defineProperty({}, 'then', { value: then });

const thenable = withThen(() => undefined);

/** A scope in which each thenable becomes a promise that the test settles through `pairs`. */
const scope = {
  call: () => withThen((returned, threw) => pairs.push({ returned, threw } as Pair)),
} as unknown as UserScope;

const start = (run = new NotedRun()): NotedRun => {
  expect(pool.watch(scope, thenable, run)).toBe(true);
  return run;
};

const settleAll = (): void => {
  for (const { returned } of pairs.splice(0)) returned(1);
};

describe('handlers of a promise', () => {
  test('tell its run how it settled', () => {
    const [first, second] = [start(), start()];
    pairs[1]?.threw('no');
    pairs[0]?.returned(7);
    expect([first.notes, second.notes]).toEqual([[['returned', 7]], [['threw', 'no']]]);
  });

  test('are those of another promise once it has settled, and not before', () => {
    start();
    start();
    expect(pairs[1]?.returned).not.toBe(pairs[0]?.returned);
    pairs[1]?.returned(1);
    const third = start();
    expect(pairs[2]).toEqual(pairs[1]);
    pairs[2]?.threw('late');
    expect(third.notes).toEqual([['threw', 'late']]);
  });

  test('called again do nothing, and are kept once', () => {
    const first = start();
    for (let times = 0; times < 3; times++) pairs[0]?.returned(1);
    pairs[0]?.threw('late');
    expect(first.notes).toHaveLength(1);
    start();
    start();
    expect(pairs[1]?.returned).toBe(pairs[0]?.returned);
    expect(pairs[2]?.returned).not.toBe(pairs[0]?.returned);
  });

  test('are needed for no plain value, and stay for the next promise', () => {
    start();
    const [pair] = pairs;
    settleAll();
    const run = new NotedRun();
    expect(pool.watch(scope, 'plain', run)).toBe(false);
    expect(run.notes).toEqual([]);
    const next = start();
    expect(pairs[0]?.returned).toBe(pair?.returned);
    pairs[0]?.returned(2);
    expect([run.notes, next.notes]).toEqual([[], [['returned', 2]]]);
  });

  test('are kept for 64 promises, however many were in flight', () => {
    for (let n = 0; n < 70; n++) start();
    const known = new Set(pairs.map(({ returned }) => returned));
    expect(known.size).toBe(70);
    settleAll();
    for (let n = 0; n < 70; n++) start();
    expect(pairs.filter(({ returned }) => known.has(returned))).toHaveLength(64);
  });
});
