import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { openWithPeers } from '../../../../runtime/policies/circuit-breaker/handover.js';
import { Openings, type OpeningWaiter, type PlaceWaiter, tellFollowers } from '../../../../runtime/policies/circuit-breaker/openings.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

const waiter = (told: unknown[], name: unknown, also: () => void = () => undefined): OpeningWaiter => ({
  circuitOpened: (now) => {
    told.push([name, now]);
    also();
  },
});

const forPlace = (told: unknown[], name: unknown, also: () => void = () => undefined): PlaceWaiter => ({
  ...waiter(told, `${String(name)} opened`),
  placeFree: (now) => {
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

test('as many of those that wait for a place are told as there are places, in order and once; an opening tells them all', () => {
  const told: unknown[] = [];
  const openings = new Openings();
  openings.tellPlaces(0, 1);
  openings.add(waiter(told, 'no place'));
  const gone = forPlace(told, 'gone');
  for (const each of [forPlace(told, 'a'), gone, forPlace(told, 'b'), forPlace(told, 'c'), forPlace(told, 'd')]) openings.addForPlace(each);
  openings.delete(gone);
  openings.tellPlaces(4, 0);
  openings.tellPlaces(5, 2);
  expect(told.splice(0)).toEqual([
    ['a', 5],
    ['b', 5],
  ]);
  expect(openings.size).toBe(3);
  openings.tell(6);
  openings.tellPlaces(7, 9);
  expect([told, openings.size]).toEqual([
    [
      ['no place', 6],
      ['c opened', 6],
      ['d opened', 6],
    ],
    0,
  ]);
});

test('one that gets a place can end the wait of the next, whose place goes to the one after it', () => {
  const told: unknown[] = [];
  const openings = new Openings();
  const second = forPlace(told, 'second');
  openings.addForPlace(forPlace(told, 'first', () => openings.delete(second)));
  openings.addForPlace(second);
  openings.addForPlace(forPlace(told, 'third'));
  openings.tellPlaces(1, 2);
  expect(told).toEqual([
    ['first', 1],
    ['third', 1],
  ]);
});

test('a circuit tells those that wait for a place when a probe gives one back, and when it closes', () => {
  const clock = new FakeClock();
  const breaker = new CircuitBreaker({ failureThreshold: 1, recoveryTimeoutMs: 100, halfOpenMaxCalls: 2, successThreshold: 2, clock });
  const told: unknown[] = [];
  breaker.on('circuit_closed', () => told.push('event'));
  const names = ['a', 'b', 'c', 'd'];
  breaker.exit(breaker.enter(clock.now()), 'failure', clock.now());
  clock.jump(100);
  const probes = [breaker.enter(clock.now()), breaker.enter(clock.now())] as const;
  for (const name of names) breaker.openings.addForPlace(forPlace(told, name));
  breaker.release(probes[0], clock.now());
  expect(told.splice(0)).toEqual([['a', 100]]);
  const third = breaker.enter(clock.now());
  breaker.exit(probes[1], 'success', clock.now());
  expect(told.splice(0)).toEqual([['b', 100]]);
  breaker.exit(third, 'success', clock.now());
  expect([told, breaker.openings.size]).toEqual([['event', ['c', 100], ['d', 100]], 0]);
});

test('a circuit tells those that wait for a place when someone forces it to let calls through', () => {
  const breaker = new CircuitBreaker();
  const told: unknown[] = [];
  for (const force of [() => breaker.forceClosed(), () => breaker.metricsOnly(), () => breaker.reset()]) {
    breaker.openings.addForPlace(forPlace(told, 'place'));
    force();
  }
  expect(told).toHaveLength(3);
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

test('without a circuit, none follows another', () => {
  const told: unknown[] = [];
  const openings = new Openings();
  openings.add(waiter(told, 'a'));
  openings.tellIfBlocked();
  tellFollowers();
  expect([told, openings.size]).toEqual([[], 1]);
});

describe('the calls that wait at a circuit that follows others', () => {
  let clock: FakeClock;
  let told: unknown[];

  beforeEach(() => {
    clock = new FakeClock();
    told = [];
  });

  const make = (name: string): CircuitBreaker => new CircuitBreaker({ name, failureThreshold: 1, recoveryTimeoutMs: 100, clock });
  const fail = (circuit: CircuitBreaker): void => circuit.acquire().failure();

  test('are told when one of them opens, directly or through others, and not when it closes', () => {
    const [follower, between, followed, other] = [make('follower'), make('between'), make('followed'), make('other')];
    follower.follow(between);
    between.follow(followed);
    follower.openings.add(waiter(told, 'a'));
    other.openings.add(waiter(told, 'of another circuit'));
    clock.jump(7);
    fail(followed);
    expect(told).toEqual([['a', 7]]);
    follower.openings.add(waiter(told, 'b'));
    followed.reset();
    followed.forceClosed();
    expect(told).toEqual([['a', 7]]);
    followed.forceOpen();
    expect(told).toEqual([
      ['a', 7],
      ['b', 7],
    ]);
  });

  test('are told of a circuit that it follows only since they wait, by hand or by name', () => {
    const [byHand, byName, followed] = [make('by hand'), make('by name'), make('followed')];
    byHand.openings.add(waiter(told, 'by hand'));
    byName.openings.add(waiter(told, 'by name'));
    byHand.follow(followed);
    byName.followByName(() => [followed]);
    fail(followed);
    expect(told).toEqual([
      ['by hand', 0],
      ['by name', 0],
    ]);
  });

  test('are not told if their circuit lets all calls through, or follows no more', () => {
    const [off, no, followed] = [make('off'), make('no'), make('followed')];
    for (const circuit of [off, no]) circuit.followByName(() => [followed]);
    off.forceClosed();
    off.openings.add(waiter(told, 'off'));
    no.openings.add(waiter(told, 'no'));
    no.followByName(undefined);
    fail(followed);
    expect(told).toEqual([]);
  });

  test('are asked for only while some wait', () => {
    let asked = 0;
    const blockedBy = (): unknown => {
      asked++;
      return undefined;
    };
    const openings = new Openings({ clock, follows: true, blockedBy });
    openings.followsChanged();
    tellFollowers();
    expect(asked, 'none waits yet').toBe(0);
    const [first, second] = [waiter(told, 'first'), waiter(told, 'second')];
    openings.add(first);
    openings.add(second);
    openings.delete(first);
    tellFollowers();
    expect(asked, 'the second waits').toBe(1);
    openings.delete(second);
    tellFollowers();
    expect(asked, 'both left').toBe(1);
    openings.add(first);
    openings.tell(3);
    tellFollowers();
    expect([asked, told], 'both know').toEqual([1, [['first', 3]]]);
    const free = new Openings({ clock, follows: false, blockedBy });
    free.add(second);
    tellFollowers();
    expect(asked, 'it follows none').toBe(1);
  });

  test('are told again if they wait again', () => {
    const openings = new Openings({ clock, follows: true, blockedBy: () => 'one' });
    const again: OpeningWaiter = waiter(told, 'again', () => openings.add(again));
    openings.add(again);
    tellFollowers();
    tellFollowers();
    openings.delete(again);
    tellFollowers();
    expect(told).toHaveLength(2);
  });
});
