import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClockEvent, VirtualClock } from '../../../../generator/simulator/engine/virtual-clock.js';

test('timers fire in order of time, those of one time in the order in which they were set, and none that was cleared', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ delay: fc.nat(20), cleared: fc.boolean() }), { maxLength: 60 }), (timers) => {
      const clock = new VirtualClock(0);
      const fired: [number, number][] = [];
      const handles = timers.map(({ delay }, index) => clock.setTimeout(() => fired.push([clock.now(), index]), delay));
      for (const [index, { cleared }] of timers.entries()) if (cleared && handles[index] !== undefined) clock.clearTimeout(handles[index]);
      clock.runTo(20);
      const expected = timers
        .flatMap(({ delay, cleared }, index) => (cleared ? [] : [[delay, index] as [number, number]]))
        .sort(([a, i], [b, j]) => a - b || i - j);
      expect(fired).toEqual(expected);
    }),
    { seed: 1 },
  );
});

test('what happens may plan more, which happens in the same run if it is due', () => {
  const clock = new VirtualClock(1_000);
  const seen: number[] = [];
  const tick = (): void => {
    seen.push(clock.now());
    clock.setTimeout(tick, 10);
  };
  clock.setTimeout(tick, 5);
  clock.runTo(30);
  expect(seen).toEqual([5, 15, 25]);
  expect([clock.now(), clock.wallNow()]).toEqual([30, 1_030]);
});

test('delays that no timer holds fire after a millisecond, as in Node; negative ones at once', () => {
  const clock = new VirtualClock(0);
  const seen: string[] = [];
  clock.setTimeout(() => seen.push(`never at ${clock.now()}`), Number.POSITIVE_INFINITY);
  clock.setTimeout(() => seen.push(`negative at ${clock.now()}`), -5);
  clock.runTo(1);
  expect(seen).toEqual(['negative at 0', 'never at 1']);
});

test('runWhile goes on as long as something is under way, and not beyond the latest', () => {
  class Step extends ClockEvent {
    constructor(readonly then: () => void) {
      super();
    }
    override run(): void {
      this.then();
    }
  }
  const clock = new VirtualClock(0);
  let left = 3;
  for (const at of [10, 20, 30, 40]) clock.plan(new Step(() => left--), at);
  clock.runWhile(() => left > 0, 1_000);
  expect([clock.now(), left]).toEqual([30, 0]);
  left = 5;
  clock.runWhile(() => left > 0, 35);
  expect([clock.now(), left]).toEqual([30, 5]);
});
