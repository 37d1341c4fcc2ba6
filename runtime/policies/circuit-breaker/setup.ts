import { type Clock, guardedClock, systemClock } from '../../clock.js';
import { givenClock, givenFunction, givenName, givenObject, must } from '../../errors/given.js';
import { namesOf, refuseInherited } from '../../errors/known-options.js';
import { isInstance } from '../../errors/readable.js';
import { EventHub } from '../../observe/event-hub.js';
import { CURRENT, chance, userFunction } from '../../user-code.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';

/** The constructor options of a circuit: its thresholds, name, clock and events. */
export interface BreakerSetup extends BreakerInput {
  /** Name in events, errors and health responses. Default `default`. */
  readonly name?: string;
  /** Name of the service. Default: the name of the circuit. */
  readonly service?: string;
  readonly clock?: Clock;
  /** The hub that receives the circuit's events. The circuits of a registry share one. Default: a new hub. */
  readonly events?: EventHub;
  /** Source of the reopen backoff's jitter, returns a number from 0 to 1. Called once, when a backoff is configured. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const NAMES = namesOf<Omit<BreakerSetup, keyof BreakerInput>>({ name: 1, service: 1, clock: 1, events: 1, random: 1 });

/** A setup with its defaults filled in. */
export interface CheckedSetup {
  readonly name: string;
  readonly service: string;
  readonly clock: Clock;
  readonly events: EventHub | undefined;
  /** Never throws, see `chance`. */
  readonly draw: () => number;
  readonly options: BreakerOptions;
}

/** Fills in defaults. @throws {ConfigurationError} if an option is out of range or the name is empty. */
export function checkedSetup(setup: BreakerSetup): CheckedSetup {
  refuseInherited('a circuit', givenObject('breaker', setup), NAMES, 'breaker.');
  const { name = 'default', service, clock = systemClock, events, random = Math.random, ...given } = setup;
  givenName('breaker.name', name);
  if (service !== undefined) givenName('breaker.service', service);
  must(events === undefined || isInstance(events, EventHub), 'breaker.events', events, 'an EventHub');
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
