import { expect, test } from 'vitest';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { openWithPeers } from '../../../../runtime/policies/circuit-breaker/handover.js';
import { Openings, type OpeningWaiter } from '../../../../runtime/policies/circuit-breaker/openings.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

const waiter = (told: unknown[], name: unknown, also: () => void = () => undefined): OpeningWaiter => ({
  circuitOpened: (now) => {
    told.push([name, now]);
    also();
  },
});

test('tells those that wait in order, once, and not those that left', () => {
  const told: unknown[] = [];
  const openings = new Openings();
  const gone = waiter(told, 'gone');
  for (const each of [waiter(told, 'a'), gone, waiter(told, 'b')]) openings.add(each);
  openings.delete(gone);
  expect(openings.size).toBe(2);
  openings.tell(5);
  openings.tell(6);
  expect([told, openings.size]).toEqual([
    [
      ['a', 5],
      ['b', 5],
    ],
    0,
  ]);
});

test('what one of them does can end the wait of another, and begin one', () => {
  const told: unknown[] = [];
  const openings = new Openings();
  const second = waiter(told, 'second');
  const late = waiter(told, 'late');
  openings.add(
    waiter(told, 'first', () => {
      openings.delete(second);
      openings.add(late);
    }),
  );
  openings.add(second);
  openings.tell(1);
  expect(told).toEqual([['first', 1]]);
  openings.tell(2);
  expect(told).toEqual([
    ['first', 1],
    ['late', 2],
  ]);
});

test('a circuit tells them whenever it opens, whatever opened it, after its listeners', () => {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker({ failureThreshold: 1, recoveryTimeoutMs: 100, halfOpenMaxCalls: 1, clock });
  const told: unknown[] = [];
  breaker.on('circuit_opened', () => told.push('event'));
  const again: OpeningWaiter = {
    circuitOpened: () => {
      told.push(breaker.state);
      breaker.openings.add(again);
    },
  };
  breaker.openings.add(again);
  breaker.exit(breaker.enter(clock.now(), 50), 'failure', clock.now());
  expect(told.splice(0), 'a failure').toEqual(['event', 'open']);
  clock.jump(100);
  breaker.exit(breaker.enter(clock.now(), 50), 'failure', clock.now());
  expect(told.splice(0), 'a failed probe').toEqual(['event', 'open']);
  clock.jump(100);
  breaker.enter(clock.now(), 50);
  clock.jump(60);
  breaker.enter(clock.now(), 50);
  expect(told.splice(0), 'a probe whose lease ran out').toEqual(['event', 'open']);
  breaker.reset();
  openWithPeers(breaker, 50);
  expect(told.splice(0), 'peers').toEqual(['event', 'open']);
  breaker.reset();
  breaker.forceOpen();
  expect(told.splice(0), 'by hand').toEqual(['open']);
  breaker.reset();
  breaker.forceClosed();
  expect(told, 'closing tells nothing').toEqual([]);
});
