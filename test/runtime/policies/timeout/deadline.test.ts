import { describe, expect, test } from 'vitest';
import { MAX_TIMER_MS, type TimerHandle } from '../../../../runtime/clock.js';
import { DeadlineList, deadlineList, startDeadline } from '../../../../runtime/policies/timeout/deadline.js';
import { holdAll } from '../../../../runtime/policies/timeout/exit-hold.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Node, WatchedClock } from './deadline-node.js';

describe('deadline list', () => {
  test('each node expires at its time, in the order of adding, by one timer', async () => {
    const clock = new FakeClock();
    const list = new DeadlineList(clock, 100);
    const log: string[] = [];
    const nodes: Node[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const node = new Node(name, log);
      nodes.push(node);
      list.add(node, clock.now());
      expect(clock.pendingTimers).toBe(1);
      clock.jump(10);
    }
    await clock.advance(200);
    expect(log).toEqual(['a', 'b', 'c', 'd']);
    expect(nodes.map((node) => node.firedAt)).toEqual([[100], [110], [120], [130]]);
    expect([list.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('nodes leave in any order, and only those that stayed expire', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const order of permutations(names)) {
      for (let leaving = 0; leaving <= names.length; leaving++) {
        const clock = new FakeClock();
        const list = new DeadlineList(clock, 100);
        const log: string[] = [];
        const nodes = new Map(names.map((name) => [name, new Node(name, log)]));
        for (const node of nodes.values()) list.add(node, 0);
        for (const name of order.slice(0, leaving)) nodes.get(name)?.disarm();
        expect(list.size).toBe(names.length - leaving);
        await clock.advance(100);
        expect(log).toEqual(names.filter((name) => !order.slice(0, leaving).includes(name)));
        expect([list.size, clock.pendingTimers]).toEqual([0, 0]);
      }
    }
  });

  test('disarming twice, disarming what was never armed, and disarming after the end are harmless', async () => {
    const clock = new FakeClock();
    const list = new DeadlineList(clock, 100);
    const [first, second, never] = [new Node('first'), new Node('second'), new Node('never')];
    list.add(first, 0);
    list.add(second, 0);
    first.disarm();
    first.disarm();
    never.disarm();
    list.remove(never);
    expect(list.size).toBe(1);
    await clock.advance(100);
    second.disarm();
    expect(second.firedAt).toEqual([100]);
    expect(list.size).toBe(0);
  });

  test('a node can be armed again', async () => {
    const clock = new FakeClock();
    const list = new DeadlineList(clock, 100);
    const node = new Node('a');
    list.add(node, 0);
    await clock.advance(60);
    node.disarm();
    list.add(node, clock.now());
    await clock.advance(100);
    expect(node.firedAt).toEqual([160]);
  });

  test('the timer of a quiet list fires once, finds nothing and is gone', async () => {
    const clock = new WatchedClock();
    const list = new DeadlineList(clock, 100);
    for (let at = 0; at < 1_000; at++) {
      const node = new Node('a');
      list.add(node, clock.now());
      node.disarm();
    }
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(100);
    expect([clock.delays, clock.pendingTimers, clock.unrefs]).toEqual([[100], 0, 1]);
  });

  test('the timer of a list made for one node goes when the node does', async () => {
    const clock = new FakeClock();
    const node = new Node('a');
    startDeadline(clock, node, 100, clock.now(), false);
    expect(clock.pendingTimers).toBe(1);
    node.disarm();
    expect(clock.pendingTimers).toBe(0);
    startDeadline(clock, node, 100, clock.now(), false);
    await clock.advance(100);
    expect([node.firedAt, clock.pendingTimers]).toEqual([[100], 0]);
  });

  test('every timer is unref-ed: a pending deadline keeps no process alive', async () => {
    const clock = new WatchedClock();
    const list = new DeadlineList(clock, 100);
    list.add(new Node('a'), 0);
    clock.jump(50);
    list.add(new Node('b'), 50);
    await clock.advance(200);
    expect(clock.unrefs).toBe(clock.delays.length);
  });

  test('a clock whose timers have no unref, as in a browser', async () => {
    class PlainClock extends FakeClock {
      override setTimeout(callback: () => void, delayMs: number): TimerHandle {
        const { unref: _, ...handle } = super.setTimeout(callback, delayMs);
        return handle;
      }
    }
    for (const holds of [false, true]) {
      const clock = new PlainClock();
      const list = new DeadlineList(clock, 100, false, holds);
      const [left, node] = [new Node('left'), new Node('a')];
      list.add(left, clock.now());
      left.disarm();
      list.add(node, clock.now());
      holdAll();
      await clock.advance(100);
      expect([left.firedAt, node.firedAt]).toEqual([[], [100]]);
    }
  });

  test('what an expiring node adds does not delay those that wait', async () => {
    const clock = new FakeClock();
    const list = new DeadlineList(clock, 100);
    const added = new Node('added');
    const waiting = new Node('waiting');
    list.add(new Node('first', [], () => list.add(added, clock.now())), 0);
    clock.jump(50);
    list.add(waiting, 50);
    await clock.advance(300);
    expect(waiting.firedAt).toEqual([150]);
    expect(added.firedAt).toEqual([200]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('an expiring node may disarm those that expire with it', async () => {
    const clock = new FakeClock();
    const list = new DeadlineList(clock, 100);
    const log: string[] = [];
    const victim = new Node('victim', log);
    list.add(new Node('first', log, () => victim.disarm()), 0);
    list.add(victim, 0);
    list.add(new Node('last', log), 0);
    await clock.advance(100);
    expect(log).toEqual(['first', 'last']);
  });

  test('a node that throws loses its own turn only', async () => {
    const clock = new FakeClock();
    const list = new DeadlineList(clock, 100);
    const fault = new Error('x');
    list.add(
      new Node('first', [], () => {
        throw fault;
      }),
      0,
    );
    const next = new Node('next');
    list.add(next, 0);
    await expect(clock.advance(100)).rejects.toBe(fault);
    await clock.advance(1);
    expect(next.firedAt).toEqual([100]);
  });

  test('a timer that fires early waits again', async () => {
    const clock = new FakeClock();
    const node = new Node('a');
    new DeadlineList(clock, 100).add(node, 0.5);
    await clock.advance(100);
    expect(node.firedAt).toEqual([]);
    await clock.advance(1);
    expect(node.firedAt).toHaveLength(1);
  });

  test('A32 a deadline beyond the longest timer is kept by several, and does not fire at once', async () => {
    const clock = new WatchedClock();
    const node = new Node('a');
    const month = 30 * 24 * 3_600_000;
    startDeadline(clock, node, month, clock.now(), true);
    await clock.advance(MAX_TIMER_MS);
    expect(node.firedAt).toEqual([]);
    await clock.advance(month - MAX_TIMER_MS);
    expect(node.firedAt).toEqual([month]);
    expect(clock.delays).toEqual([MAX_TIMER_MS, month - MAX_TIMER_MS]);
  });

  test('A32 a deadline that is past already fires at the next turn, once', async () => {
    const clock = new FakeClock();
    const node = new Node('a');
    clock.jump(1_000);
    startDeadline(clock, node, 0, clock.now() - 50, false);
    await clock.advance(0);
    expect(node.firedAt).toEqual([1_000]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('shared lists', () => {
  test('one list per duration and clock', () => {
    const [clock, other] = [new FakeClock(), new FakeClock()];
    expect(deadlineList(clock, 100)).toBe(deadlineList(clock, 100));
    expect(deadlineList(clock, 100)).not.toBe(deadlineList(clock, 101));
    expect(deadlineList(clock, 100)).not.toBe(deadlineList(other, 100));
  });

  test('the same list again, whatever was asked for meanwhile', () => {
    const [clock, other] = [new FakeClock(), new FakeClock()];
    const first = deadlineList(clock, 100);
    deadlineList(clock, 200);
    deadlineList(other, 100);
    expect(deadlineList(clock, 100)).toBe(first);
  });

  test('durations beyond the 256th get a timer of their own, which leaves with its node', async () => {
    const clock = new FakeClock();
    const nodes = Array.from({ length: 1_000 }, (_, at) => {
      const node = new Node(String(at));
      startDeadline(clock, node, 1_000 + at, clock.now(), true);
      return node;
    });
    expect(clock.pendingTimers).toBe(1_000);
    for (const node of nodes) node.disarm();
    expect(clock.pendingTimers).toBe(256);
    await clock.advance(2_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

function permutations(items: readonly string[]): readonly (readonly string[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]));
}
