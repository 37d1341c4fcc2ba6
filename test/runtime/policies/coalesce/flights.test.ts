import { describe, expect, test } from 'vitest';
import { type Flight, Flights, type Seat } from '../../../../runtime/policies/coalesce/flights.js';

class Caller implements Seat {
  flight: Flight | undefined = undefined;
  got: unknown = undefined;

  constructor(readonly until = 0) {}

  onLanded(value: unknown): void {
    this.got = value;
  }

  onFailed(error: unknown): void {
    this.got = error;
  }
}

const start = (flights: Flights, key: string, sender: string, seat: Seat = new Caller()): Flight => {
  const flight = flights.board(key, sender, seat);
  if (flight === undefined) throw new Error('it joined another');
  return flight;
};

describe('A47 flights', () => {
  test('callers of one sender who ask for the same sit in one; each gets a copy of its own', () => {
    const flights = new Flights();
    const callers = [new Caller(1), new Caller(3), new Caller(2)];
    const [first, ...others] = callers;
    const flight = start(flights, '/a', 'ana', first);
    for (const caller of others) expect(flights.board('/a', 'ana', caller)).toBeUndefined();
    expect([flight.seats, flight.until, flights.inFlight, flights.started, flights.joined]).toEqual([3, 3, 1, 1, 2]);
    flight.land({ list: [1] });
    expect(new Set(callers.map(({ got }) => got)).size).toBe(3);
    expect(callers.map(({ got, flight: seat }) => [got, seat])).toEqual(callers.map(() => [{ list: [1] }, undefined]));
    expect([flight.seats, flights.inFlight]).toEqual([0, 0]);
  });

  test('senders who ask for the same never sit in one, whichever flight ends first', () => {
    const flights = new Flights();
    const ofAna = start(flights, '/a', 'ana');
    const ofBob = start(flights, '/a', 'bob');
    const ofCyd = start(flights, '/a', 'cyd');
    expect(flights.inFlight).toBe(3);
    for (const [flight, sender] of [
      [ofAna, 'ana'],
      [ofBob, 'bob'],
      [ofCyd, 'cyd'],
    ] as const) {
      expect(flights.board('/a', sender, new Caller())).toBeUndefined();
      expect(flight.seats).toBe(2);
    }
    ofAna.land(1);
    // The first place is free, and the flight of this sender is found all the same.
    expect(flights.board('/a', 'bob', new Caller())).toBeUndefined();
    expect(ofBob.seats).toBe(3);
    const again = start(flights, '/a', 'ana');
    ofBob.fail(new Error('x'));
    ofCyd.land(2);
    again.land(3);
    expect(flights.inFlight).toBe(0);
  });

  test('no key of one sender is the key of another', () => {
    const flights = new Flights();
    start(flights, '/a', 'x');
    start(flights, '/a', 'b');
    start(flights, '/a\n', 'x');
    start(flights, '/a\n', '\nb');
    start(flights, '/a', '\n\nb');
    expect(flights.inFlight).toBe(5);
  });

  test('the last to leave ends the work, and the next caller starts anew', () => {
    const flights = new Flights();
    const [one, two] = [new Caller(), new Caller()];
    const flight = start(flights, '/a', 'ana', one);
    flights.board('/a', 'ana', two);
    const cancelled: boolean[] = [];
    flight.work = {
      cancel: (timedOut) => {
        cancelled.push(timedOut);
        start(flights, '/a', 'ana');
      },
    };
    flight.leave(one, false);
    flight.leave(one, false);
    expect(cancelled).toEqual([]);
    flight.leave(two, true);
    expect(cancelled).toEqual([true]);
    flight.land(1);
    expect([one.got, two.got, flights.inFlight]).toEqual([undefined, undefined, 1]);
  });
});
