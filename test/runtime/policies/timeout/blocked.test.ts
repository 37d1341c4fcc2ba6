import { expect, test } from 'vitest';
import { startDeadline } from '../../../../runtime/policies/timeout/deadline.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { Node } from './deadline-node.js';

/** A clock that can be told late timers by, as the machine's: `jump` is the block. Nothing arrives meanwhile. */
class BlockableClock extends FakeClock {
  afterInput(callback: () => void): void {
    callback();
  }
}

/** A deadline that starts again when it is asked. */
class Restarting extends Node {
  readonly askedAt: number[] = [];

  override startAgain(now: number): boolean {
    this.askedAt.push(now);
    return true;
  }
}

test.each([true, false])('a limit that passed in a block starts again, once (shared list: %s)', async (shared) => {
  const clock = new BlockableClock();
  const [again, plain] = [new Restarting('again'), new Node('plain')];
  startDeadline(clock, again, 500, clock.now(), shared);
  startDeadline(clock, plain, 500, clock.now(), shared);
  clock.jump(1_200);
  await clock.advance(0);
  expect([again.askedAt, again.firedAt, plain.firedAt]).toEqual([[1_200], [], [1_200]]);
  await clock.advance(499);
  expect(again.firedAt).toEqual([]);
  clock.jump(2_000);
  await clock.advance(0);
  expect([again.askedAt, again.firedAt]).toEqual([[1_200], [3_699]]);
  expect(clock.pendingTimers).toBe(0);
});

test.each([true, false])('one that started again can be removed (shared list: %s)', async (shared) => {
  const clock = new BlockableClock();
  const again = new Restarting('again');
  startDeadline(clock, again, 500, clock.now(), shared);
  clock.jump(1_200);
  await clock.advance(0);
  again.disarm();
  await clock.advance(10_000);
  expect([again.firedAt, clock.pendingTimers]).toEqual([[], 0]);
});

test('a timer that is late by less than a tenth of the limit says nothing, and neither does one that is on time', async () => {
  const clock = new BlockableClock();
  const [late, punctual] = [new Restarting('late'), new Restarting('punctual')];
  startDeadline(clock, late, 500, clock.now(), true);
  clock.jump(549);
  await clock.advance(0);
  startDeadline(clock, punctual, 500, clock.now(), true);
  await clock.advance(500);
  expect([late.askedAt, late.firedAt, punctual.askedAt, punctual.firedAt]).toEqual([[], [549], [], [1_049]]);
});

test('a timer that is late by exactly a tenth of the limit was blocked', async () => {
  const clock = new BlockableClock();
  const again = new Restarting('again');
  startDeadline(clock, again, 500, clock.now(), true);
  clock.jump(550);
  await clock.advance(0);
  expect([again.askedAt, again.firedAt]).toEqual([[550], []]);
});

test('the deadlines that were not late keep their time beside those that start again', async () => {
  const clock = new BlockableClock();
  const log: string[] = [];
  const [again, next] = [new Restarting('again', log), new Node('next', log)];
  startDeadline(clock, again, 500, clock.now(), true);
  clock.jump(450);
  startDeadline(clock, next, 500, clock.now(), true);
  clock.jump(200);
  await clock.advance(0);
  await clock.advance(2_000);
  expect([log, next.firedAt, again.firedAt]).toEqual([['next', 'again'], [950], [1_150]]);
});

test('where time passes by the hand of a test, a late timer is no block', async () => {
  const clock = new FakeClock();
  const again = new Restarting('again');
  startDeadline(clock, again, 500, clock.now(), true);
  clock.jump(1_200);
  await clock.advance(0);
  expect([again.askedAt, again.firedAt]).toEqual([[], [1_200]]);
});
