import { type Clock, guardedClock, systemClock } from '../../clock.js';
import { givenClock, givenFunction, givenName, givenObject, must } from '../../errors/given.js';
import { namesOf, refuseInherited } from '../../errors/known-options.js';
import { EventHub } from '../../observe/events.js';
import { CURRENT, chance, userFunction } from '../../user-code.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';

/** What a circuit is made from, besides its thresholds. */
export interface BreakerSetup extends BreakerInput {
  /** Shown in events, errors and health. Default `default`. */
  readonly name?: string;
  /** Default: the name. */
  readonly service?: string;
  readonly clock?: Clock;
  /** Receives the circuit's events. The circuits of a registry share one. Default: a hub of its own. */
  readonly events?: EventHub;
  /** Source of a reopen backoff's jitter, 0 to 1; drawn from once, as soon as there is a backoff. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const NAMES = namesOf<Omit<BreakerSetup, keyof BreakerInput>>({ name: 1, service: 1, clock: 1, events: 1, random: 1 });

/** A setup with its defaults filled in. */
export interface CheckedSetup {
  readonly name: string;
  readonly service: string;
  readonly clock: Clock;
  readonly events: EventHub | undefined;
  /** Never throws: see `chance`. */
  readonly draw: () => number;
  readonly options: BreakerOptions;
}

/** Fills in defaults. @throws {ConfigurationError} if an option is out of range or the name is empty. */
export function checkedSetup(setup: BreakerSetup): CheckedSetup {
  refuseInherited('a circuit', givenObject('breaker', setup), NAMES, 'breaker.');
  const { name = 'default', service, clock = systemClock, events, random = Math.random, ...given } = setup;
  givenName('breaker.name', name);
  if (service !== undefined) givenName('breaker.service', service);
  must(events === undefined || events instanceof EventHub, 'breaker.events', events, 'an EventHub');
  const source = userFunction(givenFunction('breaker.random', random));
  return {
    name,
    service: service ?? name,
    clock: guardedClock(givenClock('breaker.clock', clock)),
    events,
    draw: () => chance(CURRENT, source),
    options: breakerOptions(given),
  };
}
