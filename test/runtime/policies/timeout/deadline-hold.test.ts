import { describe, expect, test } from 'vitest';
import type { TimerHandle } from '../../../../runtime/clock.js';
import { DeadlineList, deadlineList, startDeadline } from '../../../../runtime/policies/timeout/deadline.js';
import { holdAll } from '../../../../runtime/policies/timeout/exit-hold.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Node, WatchedClock } from './deadline-node.js';

describe('whether the process may end meanwhile', () => {
  /** A clock that counts what holds the process. */
  class HoldingClock extends FakeClock {
    readonly held = new Set<object>();

    override setTimeout(callback: () => void, delayMs: number): TimerHandle {
      const handle: TimerHandle = {
        ...super.setTimeout(callback, delayMs),
        ref: () => this.held.add(handle),
        unref: () => this.held.delete(handle),
      };
      this.held.add(handle);
      return handle;
    }
  }

  test('it may, unless the list holds it', () => {
    const clock = new HoldingClock();
    startDeadline(clock, new Node('shared'), 100, clock.now(), true);
    const left = new Node('shared, too');
    startDeadline(clock, left, 100, clock.now(), true);
    left.disarm();
    startDeadline(clock, new Node('single'), 100, clock.now(), false);
    new DeadlineList(clock, 100).add(new Node('of a list'), clock.now());
    holdAll();
    expect(clock.held.size).toBe(0);
  });

  test('one that holds it does so when the process would end, for as long as anyone waits', async () => {
    const clock = new HoldingClock();
    const [first, second, third, fourth] = [new Node('a'), new Node('b'), new Node('c'), new Node('d')] as const;
    startDeadline(clock, first, 100, clock.now(), true, true);
    startDeadline(clock, second, 100, clock.now(), true, true);
    expect(clock.held.size).toBe(0);
    holdAll();
    expect(clock.held.size).toBe(1);
    first.disarm();
    expect(clock.held.size).toBe(1);
    second.disarm();
    expect([clock.held.size, clock.pendingTimers]).toEqual([0, 1]);
    holdAll();
    expect(clock.held.size).toBe(0);
    startDeadline(clock, third, 100, clock.now(), true, true);
    holdAll();
    expect([clock.held.size, clock.pendingTimers]).toEqual([1, 1]);
    clock.jump(50);
    startDeadline(clock, fourth, 100, clock.now(), true, true);
    await clock.advance(50);
    // The timer of what is left is another, and it is asked again.
    clock.held.clear();
    holdAll();
    expect([third.firedAt, clock.held.size, clock.pendingTimers]).toEqual([[100], 1, 1]);
    fourth.disarm();
    expect(clock.held.size).toBe(0);
  });

  test('a call that no end of the process came into costs its timer nothing', () => {
    const clock = new WatchedClock();
    const call = (): void => {
      const node = new Node('a');
      startDeadline(clock, node, 100, clock.now(), true, true);
      node.disarm();
    };
    call();
    call();
    expect([clock.delays.length, clock.unrefs]).toEqual([1, 1]);
    const held = new Node('b');
    startDeadline(clock, held, 100, clock.now(), true, true);
    holdAll();
    held.disarm();
    expect(clock.unrefs).toBe(2);
    call();
    expect([clock.delays.length, clock.unrefs]).toEqual([1, 2]);
  });

  test('that of a single node holds it at once, until the node is gone', () => {
    const clock = new HoldingClock();
    const node = new Node('a');
    startDeadline(clock, node, 100, clock.now(), false, true);
    expect(clock.held.size).toBe(1);
    node.disarm();
    expect(clock.pendingTimers).toBe(0);
  });

  test('where others act on the end of the process, it holds it as soon as a node waits', () => {
    const other = (): void => undefined;
    process.on('beforeExit', other);
    try {
      const clock = new HoldingClock();
      const list = new DeadlineList(clock, 100, false, true);
      const [first, second] = [new Node('a'), new Node('b')];
      list.add(first, clock.now());
      list.add(second, clock.now());
      expect(clock.held.size).toBe(1);
      first.disarm();
      expect(clock.held.size).toBe(1);
      second.disarm();
      expect([clock.held.size, clock.pendingTimers]).toEqual([0, 1]);
      list.add(first, clock.now());
      expect([clock.held.size, clock.pendingTimers]).toEqual([1, 1]);
      first.disarm();
      startDeadline(clock, new Node('of a request'), 100, clock.now(), true);
      expect(clock.held.size).toBe(0);
    } finally {
      process.off('beforeExit', other);
    }
  });

  test('those of one duration share no list with those that hold it', () => {
    const clock = new HoldingClock();
    const holding = new Node('holding');
    startDeadline(clock, new Node('other'), 100, clock.now(), true);
    startDeadline(clock, holding, 100, clock.now(), true, true);
    holdAll();
    expect(clock.held.size).toBe(1);
    holding.disarm();
    expect([clock.held.size, deadlineList(clock, 100).size, deadlineList(clock, 100, true).size]).toEqual([0, 1, 0]);
  });
});
