import { beforeEach, describe, expect, test } from 'vitest';
import { DeadlineList } from '../../../../runtime/policies/timeout/deadline.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Node } from './deadline-node.js';

/** A clock whose event loop reads its input when the test says so. */
class InputClock extends FakeClock {
  readonly #waiting: (() => void)[] = [];

  afterInput(callback: () => void): void {
    this.#waiting.push(callback);
  }

  /** Ends the turns in which input is read, until none is asked for or `most` were. `input` arrives in each of them. Returns their number. */
  turns(input: () => void = () => undefined, most = 1_000): number {
    for (let turn = 0; turn < most; turn++) {
      const callback = this.#waiting.shift();
      if (callback === undefined) return turn;
      input();
      callback();
    }
    return most;
  }
}

/** A node for which input arrives. */
class Reading extends Node {
  bytes = 0;

  override get progress(): number {
    return this.bytes;
  }
}

let clock: InputClock;
let list: DeadlineList;

beforeEach(() => {
  clock = new InputClock();
  list = new DeadlineList(clock, 100);
});

/** Lets the timer fire `lateMs` after it is due. */
const fire = (lateMs: number): Promise<void> => {
  clock.jump(100 + lateMs);
  return clock.advance(0);
};

describe('before a deadline passes, the loop reads its input', () => {
  test('for one turn, if the timer came in time; what arrives in it comes too late', async () => {
    const node = new Reading('a');
    list.add(node, 0);
    await fire(0);
    expect(node.firedAt).toEqual([]);
    expect(clock.turns(() => node.bytes++)).toBe(1);
    expect(node.firedAt).toEqual([100]);
  });

  test('and a call whose answer is complete by then does not time out', async () => {
    const [answered, next] = [new Reading('a'), new Reading('b')];
    list.add(answered, 0);
    clock.jump(50);
    list.add(next, 50);
    clock.jump(50);
    await clock.advance(0);
    expect(clock.turns(() => answered.disarm())).toBe(1);
    expect([answered.firedAt, next.firedAt, clock.pendingTimers]).toEqual([[], [], 1]);
    await clock.advance(50);
    clock.turns();
    expect([answered.firedAt, next.firedAt]).toEqual([[], [150]]);
  });

  test('not if the timer finds nothing that is due', async () => {
    const node = new Reading('a');
    list.add(node, 0.5);
    await clock.advance(100);
    expect([clock.turns(), node.firedAt, clock.pendingTimers]).toEqual([0, [], 1]);
    await clock.advance(1);
    expect([clock.turns(), node.firedAt]).toEqual([1, [101]]);
  });
});

describe('after a block of the loop, the timer is late, and input is read', () => {
  test.each([
    [4, 1],
    [5, 4],
    [5_000, 4],
  ])('%d ms late: for %d turns, where it arrives for three', async (lateMs, turns) => {
    const node = new Reading('a');
    list.add(node, 0);
    await fire(lateMs);
    let reads = 0;
    const read = (): void => {
      if (++reads <= 3) node.bytes++;
    };
    expect(clock.turns(read)).toBe(turns);
    expect(node.firedAt).toEqual([100 + lateMs]);
  });

  test('until the answer is complete', async () => {
    const node = new Reading('a');
    list.add(node, 0);
    await fire(1_000);
    const read = (): void => {
      if (++node.bytes === 3) node.disarm();
    };
    expect(clock.turns(read)).toBe(3);
    expect([node.firedAt, list.size]).toEqual([[], 0]);
  });

  test('for one turn, if none arrives', async () => {
    const node = new Node('a');
    list.add(node, 0);
    await fire(1_000);
    expect([clock.turns(), node.firedAt]).toEqual([1, [1_100]]);
  });

  test('as long as input arrives for any of the calls that are due', async () => {
    const [still, reading] = [new Reading('a'), new Reading('b')];
    list.add(still, 0);
    list.add(reading, 0);
    await fire(1_000);
    const read = (): void => {
      if (++reading.bytes === 3) reading.disarm();
    };
    expect(clock.turns(read)).toBe(4);
    expect([still.firedAt, reading.firedAt]).toEqual([[1_100], []]);
  });

  test('but not for one that is not due yet', async () => {
    const [due, later] = [new Reading('a'), new Reading('b')];
    list.add(due, 0);
    clock.jump(50);
    list.add(later, 50);
    clock.jump(60);
    await clock.advance(0);
    expect(clock.turns(() => later.bytes++)).toBe(1);
    expect([due.firedAt, later.firedAt]).toEqual([[110], []]);
  });

  test('for 100 turns at most', async () => {
    const node = new Reading('a');
    list.add(node, 0);
    await fire(1_000);
    expect(clock.turns(() => node.bytes++)).toBe(100);
    expect(node.firedAt).toEqual([1_100]);
  });
});

test('after a change of the timers, the next deadline sets the timer again, for the first that waits', async () => {
  class TimelineClock extends FakeClock {
    readonly delays: number[] = [];
    current = 'real';

    timeline(): unknown {
      return this.current;
    }

    override setTimeout(callback: () => void, delayMs: number): ReturnType<FakeClock['setTimeout']> {
      this.delays.push(delayMs);
      return super.setTimeout(callback, delayMs);
    }
  }
  const several = new TimelineClock();
  const all = new DeadlineList(several, 100);
  const [first, second] = [new Node('a'), new Node('b')];
  all.add(first, 0);
  several.jump(20);
  all.add(second, 20);
  expect(several.delays).toEqual([100]);
  several.current = 'fake';
  several.jump(10);
  all.add(new Node('c'), 30);
  expect(several.delays).toEqual([100, 70]);
  all.add(new Node('d'), 30);
  expect(several.delays).toEqual([100, 70]);
  await several.advance(70);
  expect(first.firedAt).toEqual([100]);
});
